//! `date_trunc` for every moment a column can hold. The engine's counts in nanoseconds and fails for the whole table on a year that those
//! cannot reach; here such a moment is cut by the calendar. All others are the engine's.

use std::sync::Arc;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, Timelike as _};
use datafusion::arrow::array::{ArrayRef, AsArray as _, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::{DataType, FieldRef, TimeUnit, TimestampMicrosecondType};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature};

/// What nanoseconds reach, in microseconds, less the year that cutting may go back.
const LEAST_MICROS: i64 = i64::MIN / 1000 + 366 * 86_400_000_000;
const MOST_MICROS: i64 = i64::MAX / 1000;

/// The function, in the place of the engine's.
pub(super) fn date_trunc() -> ScalarUDF {
    ScalarUDF::new_from_impl(DateTrunc { engines: datafusion::functions::datetime::date_trunc() })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct DateTrunc {
    engines: Arc<ScalarUDF>,
}

impl ScalarUDFImpl for DateTrunc {
    fn name(&self) -> &str {
        self.engines.name()
    }

    fn aliases(&self) -> &[String] {
        self.engines.aliases()
    }

    fn signature(&self) -> &Signature {
        self.engines.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.engines.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.engines.return_field_from_args(args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [ColumnarValue::Scalar(unit), moments] = args.args.as_slice() else { return self.engines.invoke_with_args(args) };
        let DataType::Timestamp(TimeUnit::Microsecond, zone) = moments.data_type() else { return self.engines.invoke_with_args(args) };
        let is_scalar = matches!(moments, ColumnarValue::Scalar(_));
        let moments: ArrayRef = moments.to_array(if is_scalar { 1 } else { args.number_rows })?;
        let moments = moments.as_primitive::<TimestampMicrosecondType>().clone();
        if moments.iter().flatten().all(is_in_reach) {
            return self.engines.invoke_with_args(args);
        }
        let unit = unit.clone();
        let is_utc = zone.as_deref().is_none_or(|zone| matches!(zone, "UTC" | "+00:00" | "Z"));
        let in_reach: TimestampMicrosecondArray = moments.iter().map(|moment| moment.filter(|micros| is_in_reach(*micros))).collect();
        let in_reach: ArrayRef = Arc::new(in_reach.with_timezone_opt(zone.clone()));
        let n_rows = args.number_rows;
        let cut = self.engines.invoke_with_args(ScalarFunctionArgs {
            args: vec![ColumnarValue::Scalar(unit.clone()), ColumnarValue::Array(in_reach)],
            ..args
        })?;
        let cut = cut.to_array(if is_scalar { 1 } else { n_rows })?;
        let unit = unit.try_as_str().flatten().unwrap_or_default().to_ascii_lowercase();
        let whole = moments.iter().zip(cut.as_primitive::<TimestampMicrosecondType>()).map(|(moment, cut)| match moment {
            Some(micros) if !is_in_reach(micros) => is_utc.then(|| cut_by_calendar(micros, &unit)).flatten(),
            _ => cut,
        });
        let whole: ArrayRef = Arc::new(whole.collect::<TimestampMicrosecondArray>().with_timezone_opt(zone));
        Ok(if is_scalar { ColumnarValue::Scalar(ScalarValue::try_from_array(&whole, 0)?) } else { ColumnarValue::Array(whole) })
    }
}

fn is_in_reach(micros: i64) -> bool {
    (LEAST_MICROS..=MOST_MICROS).contains(&micros)
}

/// `None` where the calendar does not go back so far.
fn cut_by_calendar(micros: i64, unit: &str) -> Option<i64> {
    let moment = DateTime::from_timestamp_micros(micros)?.naive_utc();
    let day = moment.date();
    let at_midnight = |day: NaiveDate| day.and_hms_opt(0, 0, 0);
    let cut: NaiveDateTime = match unit {
        "year" => at_midnight(NaiveDate::from_ymd_opt(day.year(), 1, 1)?)?,
        "quarter" => at_midnight(NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1)?)?,
        "month" => at_midnight(day.with_day(1)?)?,
        "week" => at_midnight(day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into()))?)?,
        "day" => at_midnight(day)?,
        "hour" => day.and_hms_opt(moment.hour(), 0, 0)?,
        "minute" => day.and_hms_opt(moment.hour(), moment.minute(), 0)?,
        "second" => moment.with_nanosecond(0)?,
        "millisecond" => moment.with_nanosecond(moment.nanosecond() / 1_000_000 * 1_000_000)?,
        _ => moment,
    };
    Some(cut.and_utc().timestamp_micros())
}
