//! The SQL of the views over records of files of unknown kinds. Such a file is followed by its name: most name no course run, and a package
//! without the file says nothing of it. It runs nothing.

use crate::lake::schema::{OTHER_RECORDS, history_name};
use crate::sql;

/// The load of the newest file of each name, for each organisation.
const NEWEST: &str = "select load_id as newest_load from (\
    select load_id, row_number() over (\
        partition by org, site, substr(file_key, strpos(file_key, '/') + 1) order by package_date desc, file_key desc\
    ) as place from loads where table_name = 'other_records' and state = 'loaded'\
    ) as files where place = 1";

/// The records of the newest file of each name.
pub(super) fn newest_files_sql() -> String {
    let history = sql::name(&history_name(OTHER_RECORDS));
    format!("select records.* from {history} as records join ({NEWEST}) as newest on records._load_id = newest.newest_load")
}

/// Every record ever seen in a file of its name, the days of the first and last package it was in, and whether it is in the newest file.
pub(super) fn cumulative_files_sql() -> String {
    let history = sql::name(&history_name(OTHER_RECORDS));
    format!(
        "select seen.* except (czar_place), seen._package_date as last_package_date, newest.newest_load is not null as is_in_newest \
         from (\
           select records.*, \
             row_number() over (partition by _site, file_name, record order by _package_date desc, _source_file desc, _source_line desc) \
               as czar_place, \
             min(_package_date) over (partition by _site, file_name, record) as first_package_date \
           from {history} as records\
         ) as seen left join ({NEWEST}) as newest on seen._load_id = newest.newest_load \
         where seen.czar_place = 1"
    )
}
