//! Rows as an aligned table, as `psql` draws them. It shows every value whole, unless the table goes to a screen.

use std::io::{self, Write};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The widths of the columns are taken from so many rows; later rows that need more stick out.
const ROWS_FOR_WIDTHS: usize = 2_000;
/// A cell on a screen is never cut below this.
const MIN_CELL_WIDTH: usize = 12;

/// Draws a table.
pub(crate) struct TableWriter<W: Write> {
    out: W,
    headers: Vec<String>,
    is_number: Vec<bool>,
    waiting: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
    screen_width: Option<usize>,
}

impl<W: Write> TableWriter<W> {
    pub(crate) fn new(schema: &SchemaRef, out: W, screen_width: Option<usize>) -> Self {
        let headers = schema.fields().iter().map(|field| field.name().clone()).collect();
        let is_number = schema.fields().iter().map(|field| is_number(field.data_type())).collect();
        Self { out, headers, is_number, waiting: Vec::new(), widths: None, screen_width }
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> anyhow::Result<()> {
        self.waiting.extend(one_line_cells(batch)?);
        if self.waiting.len() >= ROWS_FOR_WIDTHS {
            self.write_waiting()?;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> anyhow::Result<W> {
        self.write_waiting()?;
        Ok(self.out)
    }

    fn write_waiting(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.waiting);
        let widths = match self.widths.take() {
            Some(widths) => widths,
            None => {
                let widths = self.column_widths(&rows);
                self.write_row(&self.headers.clone(), &widths)?;
                let rules: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
                writeln!(self.out, "{}", rules.join("+"))?;
                widths
            }
        };
        for row in &rows {
            self.write_row(row, &widths)?;
        }
        self.widths = Some(widths);
        Ok(())
    }

    fn column_widths(&self, rows: &[Vec<String>]) -> Vec<usize> {
        let mut widths: Vec<usize> = self.headers.iter().map(|header| header.width()).collect();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let Some(screen_width) = self.screen_width else { return widths };
        // The widest column gives way first, until the table fits or no column can give more.
        while widths.iter().map(|width| width + 3).sum::<usize>() > screen_width + 1 {
            let Some(widest) = widths.iter_mut().max().filter(|width| **width > MIN_CELL_WIDTH) else { break };
            *widest -= 1;
        }
        widths
    }

    fn write_row(&mut self, row: &[String], widths: &[usize]) -> io::Result<()> {
        let mut line = String::new();
        for (index, (cell, width)) in row.iter().zip(widths).enumerate() {
            let cell = if self.screen_width.is_some() { cut(cell, *width) } else { cell.clone() };
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            line.push_str(if index == 0 { " " } else { "| " });
            if self.is_number.get(index) == Some(&true) {
                line.push_str(&padding);
                line.push_str(&cell);
            } else {
                line.push_str(&cell);
                line.push_str(&padding);
            }
            line.push(' ');
        }
        writeln!(self.out, "{}", line.trim_end())
    }
}

/// The values of a batch as text, row by row; null is `None`.
pub(super) fn plain_cells(batch: &RecordBatch) -> Result<Vec<Vec<Option<String>>>, ArrowError> {
    let options = FormatOptions::default();
    let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options)).collect::<Result<Vec<_>, _>>()?;
    (0..batch.num_rows())
        .map(|row| {
            let cells = columns.iter().zip(batch.columns());
            cells
                .map(|(formatter, column)| if column.is_null(row) { Ok(None) } else { formatter.value(row).try_to_string().map(Some) })
                .collect()
        })
        .collect()
}

/// A line end or tab in a text would break the table, so it is shown as its escape.
fn one_line_cells(batch: &RecordBatch) -> Result<Vec<Vec<String>>, ArrowError> {
    let rows = plain_cells(batch)?;
    let visible = |cell: Option<String>| match cell {
        Some(text) if text.contains(char::is_control) => {
            text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
        }
        Some(text) => text,
        None => String::new(),
    };
    Ok(rows.into_iter().map(|row| row.into_iter().map(visible).collect()).collect())
}

fn cut(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    let mut shown = String::new();
    let mut taken = 1;
    for character in cell.chars() {
        taken += character.width().unwrap_or(0);
        if taken > width {
            break;
        }
        shown.push(character);
    }
    shown.push('…');
    shown
}

fn is_number(kind: &DataType) -> bool {
    kind.is_numeric()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::sync::Arc;

    use datafusion::arrow::array::{Int64Array, StringArray};
    use datafusion::arrow::datatypes::{Field, Schema};

    use super::*;

    fn drawn(screen_width: Option<usize>) -> String {
        let schema = Arc::new(Schema::new(vec![Field::new("name", DataType::Utf8, true), Field::new("n", DataType::Int64, true)]));
        let names = StringArray::from(vec![Some("a value\nof two lines"), None, Some("é")]);
        let numbers = Int64Array::from(vec![Some(5), Some(1234), None]);
        let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(names), Arc::new(numbers)]).unwrap();
        let mut writer = TableWriter::new(&schema, Vec::new(), screen_width);
        writer.write(&batch).unwrap();
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn numbers_stand_right_and_a_row_stays_one_line() {
        let expected = " name                  |    n\n\
                        -----------------------+------\n \
                        a value\\nof two lines |    5\n\
                        \x20                      | 1234\n \
                        é                     |\n";
        assert_eq!(drawn(None), expected);
    }

    #[test]
    fn a_screen_cuts_the_widest_cells_and_says_so() {
        let text = drawn(Some(24));
        assert!(text.contains("a value\\nof tw…"), "{text}");
        assert!(text.lines().all(|line| line.width() <= 24), "{text}");
    }
}
