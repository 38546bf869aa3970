DROP INDEX sessions_by_user;
