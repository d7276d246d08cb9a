-- One row per event name that the catalogue of documented events does not have. Requests are in groups of their own.
select site, event_name, event_source, n_events, first_event, last_event
from (
    select _site as site, event_name, event_source, count(*) as n_events, min(time) as first_event, max(time) as last_event
    from tracking_events
    where event_name is not null
    group by _site, event_name, event_source
) as types
where event_name not like 'page:%' and event_name not in ({known_event_names})
order by n_events desc, site, event_name, event_source
