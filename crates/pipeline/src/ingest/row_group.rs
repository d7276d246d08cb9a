//! The rows of one row group: put in order, then encoded column by column, on as many threads as there are. Only some rows of one column of a
//! thread are there a second time, in the new order, so that a row group takes little more memory than its rows. It writes nothing to the
//! lake.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use deltalake_core::arrow::array::{Array, ArrayRef, RecordBatch, new_null_array};
use deltalake_core::arrow::compute::interleave;
use deltalake_core::arrow::datatypes::FieldRef;
use deltalake_core::parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, compute_leaves};
use deltalake_core::parquet::errors::ParquetError;

use super::row_order::{SortColumns, sorted_places};

/// A row group with fewer bytes is encoded where it is: to hand it to other threads is not worth it.
const FEW_BYTES: usize = 4 << 20;
/// Rows of a column that are put in order at a time, a page of them: they are still in the processor's cache when they are encoded.
const ROWS_AT_ONCE: usize = 2_048;

/// Threads that encode columns. They are started for the first large row group and end when this is dropped.
pub struct Encoders {
    n_threads: usize,
    to_threads: Option<Sender<Task>>,
}

/// A row group that is being encoded.
pub struct UnderWay {
    /// Bytes of its rows.
    pub n_bytes: usize,
    n_columns: usize,
    encoded: Receiver<Encoded>,
}

type Encoded = (usize, Result<ArrowColumnChunk, ParquetError>);

/// One column of a row group: arrays of all batches, and where each row is.
struct Task {
    number: usize,
    field: FieldRef,
    arrays: Vec<ArrayRef>,
    places: Arc<Vec<(usize, usize)>>,
    writer: ArrowColumnWriter,
    to_group: Sender<Encoded>,
}

impl Encoders {
    /// So many threads at most.
    pub fn new(n_threads: usize) -> Self {
        Self { n_threads, to_threads: None }
    }

    /// Begins to encode the rows of some batches with the same columns, sorted. There is one writer for each column.
    pub fn begin(&mut self, batches: Vec<RecordBatch>, n_bytes: usize, sort_by: SortColumns, writers: Vec<ArrowColumnWriter>) -> UnderWay {
        let places = Arc::new(sorted_places(&batches, sort_by));
        let n_columns = writers.len();
        let (to_group, encoded) = channel();
        let mut tasks: Vec<Task> = Vec::with_capacity(n_columns);
        let fields = batches.first().map(|rows| rows.schema().fields().clone()).unwrap_or_default();
        for (number, (field, writer)) in fields.iter().zip(writers).enumerate() {
            let arrays = batches.iter().map(|rows| Arc::clone(rows.column(number))).collect();
            let (field, places, to_group) = (Arc::clone(field), Arc::clone(&places), to_group.clone());
            tasks.push(Task { number, field, arrays, places, writer, to_group });
        }
        // From here on each column is freed when it is encoded.
        drop(batches);
        // What takes longest begins first.
        tasks.sort_by_key(|task| std::cmp::Reverse(task.arrays.iter().map(|array| array.get_array_memory_size()).sum::<usize>()));
        for task in tasks {
            match self.threads(n_bytes) {
                Some(threads) => {
                    if let Err(refused) = threads.send(task) {
                        refused.0.encode();
                    }
                }
                None => task.encode(),
            }
        }
        UnderWay { n_bytes, n_columns, encoded }
    }

    fn threads(&mut self, n_bytes: usize) -> Option<&Sender<Task>> {
        if self.to_threads.is_none() && self.n_threads > 1 && n_bytes >= FEW_BYTES {
            let (to_threads, tasks) = channel::<Task>();
            let tasks = Arc::new(Mutex::new(tasks));
            let n_started = (0..self.n_threads)
                .filter(|_| {
                    let tasks = Arc::clone(&tasks);
                    thread::Builder::new().spawn(move || encode_all(&tasks)).is_ok()
                })
                .count();
            self.to_threads = (n_started > 0).then_some(to_threads);
        }
        self.to_threads.as_ref()
    }
}

fn encode_all(tasks: &Mutex<Receiver<Task>>) {
    loop {
        let next = tasks.lock().ok().and_then(|tasks| tasks.recv().ok());
        let Some(task) = next else { return };
        task.encode();
    }
}

impl UnderWay {
    /// Waits for the columns, in their order.
    ///
    /// # Errors
    /// A column cannot be encoded: a bug.
    pub fn wait(self) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
        let mut columns: Vec<(usize, ArrowColumnChunk)> = Vec::with_capacity(self.n_columns);
        for (number, column) in self.encoded {
            columns.push((number, column?));
        }
        if columns.len() < self.n_columns {
            return Err(ParquetError::General("a column of a row group was not encoded".to_owned()));
        }
        columns.sort_by_key(|(number, _)| *number);
        Ok(columns.into_iter().map(|(_, column)| column).collect())
    }
}

impl Task {
    fn encode(self) {
        let Self { number, field, arrays, places, writer, to_group } = self;
        let encoded = encode(&field, arrays, &places, writer);
        // Nobody waits any more when the file turned out to be damaged.
        let _ = to_group.send((number, encoded));
    }
}

fn encode(
    field: &FieldRef,
    arrays: Vec<ArrayRef>,
    places: &[(usize, usize)],
    mut writer: ArrowColumnWriter,
) -> Result<ArrowColumnChunk, ParquetError> {
    let mut write = |rows: &ArrayRef| compute_leaves(field, rows)?.iter().try_for_each(|leaf| writer.write(leaf));
    if arrays.iter().all(|array| array.null_count() == array.len()) {
        write(&new_null_array(field.data_type(), places.len()))?;
    } else {
        let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
        for places in places.chunks(ROWS_AT_ONCE) {
            write(&interleave(&arrays, places)?)?;
        }
    }
    writer.close()
}
