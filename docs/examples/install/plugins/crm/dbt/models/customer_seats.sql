select customer_id, sum(seats) as seats
from {{ source('crm', 'accounts') }}
group by customer_id
