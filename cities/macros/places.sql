-- Great-circle distance of two points in degrees, in kilometres.
create or replace macro kilometres(lat1, lon1, lat2, lon2) as
12742 * asin(sqrt(
    pow(sin(radians(lat2 - lat1) / 2), 2)
    + cos(radians(lat1)) * cos(radians(lat2)) * pow(sin(radians(lon2 - lon1) / 2), 2)
));
