CREATE TABLE sessions (
    token      text PRIMARY KEY,
    user_name  text NOT NULL,
    expires_at text NOT NULL
);
