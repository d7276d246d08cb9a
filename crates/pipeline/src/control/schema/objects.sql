
-- What was fetched, by place and key: one row per object of ours, as it was when it was fetched last or found here already. Keys of other
-- organisations are never kept. Times are microseconds since 1970, UTC.
create table objects (
    place        text not null,      -- s3://bucket, a folder, or the address of a web page
    key          text not null,
    kind         text not null,      -- events, packages, email-opt-in, research-exchange, program-reports
    organisation text not null,
    path         text not null,      -- below the delivery folder
    n_bytes      integer not null,
    version      text not null,      -- ETag (or time) and size
    how          text not null,      -- fetched, adopted
    taken_at     integer not null,
    vanished_at  integer,            -- when it was first missing from the listing; null while it is there
    primary key (place, key)
) without rowid;
