-- One row per retired learner: the model `retired_users`.
select site, user_id, first_package_retired, last_package_before
from retired_users
order by site, user_id
