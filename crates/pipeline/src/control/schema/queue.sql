-- Runs that the server was asked for. A row that waits or runs outlives a restart; one that ended tells which run it became.
create table queue (
    request_id   integer primary key autoincrement,
    cause        text not null,      -- as of a run
    steps        text not null,      -- names of steps in their order, with commas
    requested_at integer not null,
    requested_by text,               -- name of a token
    state        text not null,      -- waiting, running, ended
    n_begun      integer not null default 0,
    run_id       integer
);
create index queue_by_state on queue (state);

-- Until when the times of each entry of the schedule have been seen to.
create table schedule (
    entry      text primary key,     -- as in the setting
    done_until integer not null
);
