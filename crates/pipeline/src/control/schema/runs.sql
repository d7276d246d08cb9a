-- One row per `czar run`, or per run that the server started. Times are microseconds since 1970, UTC.
create table runs (
    run_id      integer primary key,
    cause       text not null,      -- by_hand, schedule, folder_changed, request
    started_at  integer not null,
    finished_at integer,
    outcome     text,               -- done, with_trouble, failed, interrupted; null while it runs
    exit_code   integer,
    process_id  integer not null
);

-- One row per step of a run, in their order.
create table run_steps (
    run_id      integer not null references runs on delete cascade,
    step        text not null,
    position    integer not null,
    started_at  integer not null,
    finished_at integer,
    outcome     text,               -- as of a run, or passed_over
    summary     text,               -- the closing line
    facts       text,               -- counts, a JSON object
    error       text,
    hint        text,
    primary key (run_id, step)
);
