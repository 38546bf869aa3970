--
-- PostgreSQL database dump
--

\restrict abcDEF123

SET statement_timeout = 0;
