-- At the first start, beside the database messages.
CREATE DATABASE notifications;
CREATE DATABASE search;
