"""The writer of tables, without any measuring: `PYTHONPATH=benchmarks python3 -m unittest bench.test_report`."""

import unittest

from bench import report, targets


def measurement(program, wall, cpu, peak, n_events=100, **more):
    return {"program": program, "n_events": n_events, "note": "", "costs": [{"wall_secs": wall, "cpu_secs": cpu, "peak_mib": peak}], **more}


class Report(unittest.TestCase):
    def test_ratios_are_against_the_first_program(self):
        case = {"name": "one .log.gz", "what": "w", "measurements": [measurement("czar", 1, 2, 100), measurement("duckdb", 3, 4, 150)]}
        self.assertIn("| duckdb | 3.00 | 4.00 | 150 | 25 | 3.00 | 2.00 | 1.50 |", report.case_table(case))

    def test_a_program_that_failed_is_told_and_not_compared(self):
        failed = {"program": "chdb", "n_events": 1, "note": "no memory", "costs": []}
        case = {"name": "n", "what": "w", "measurements": [measurement("czar", 1, 1, 1), failed]}
        self.assertIn("failed: no memory", report.case_table(case))

    def test_a_target_without_a_measurement_is_not_told(self):
        self.assertEqual(targets.of([]), [])

    def test_a_target_that_is_missed_is_told_as_missed(self):
        case = {"name": "one .log.gz", "measurements": [measurement("czar", 2, 2, 100), measurement("duckdb", 3, 4, 150)]}
        wall, memory = targets.of([case])
        self.assertEqual((wall["measured"], wall["is_met"], memory["is_met"]), ("1.50", False, True))


if __name__ == "__main__":
    unittest.main()
