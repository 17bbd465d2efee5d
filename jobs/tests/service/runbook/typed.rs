//! What people on call type who knew Clipper's services before: the namespace last, and filters of
//! their own. It goes on to work.

/// What `kubectl` is told, what its output goes through, and a part of what that shows.
pub(super) const COMMANDS: [(&str, &str, &str); 19] = [
    ("logs -f deployment/backend -n clipper", r#"grep "job_name""#, r#""job_name":"clip_sync""#),
    ("logs deployment/backend -n clipper --tail=1000", r#"grep -i "error\|failed""#, "run failed: "),
    ("logs deployment/backend -n clipper --tail=500", r#"grep -E "panic|fatal|critical""#, "failed: panic: "),
    ("logs deployment/backend -n clipper", r#"grep "Starting.*scheduler""#, "Starting hot_score_refresh"),
    ("logs deployment/backend -n clipper", r#"grep "slow query\|took.*ms""#, r#""what":"write hot ranks""#),
    ("logs deployment/backend -n clipper --since=24h", r#"grep "reputation_tasks""#, "run succeeded: "),
    ("get pods -n clipper", "grep postgres", "postgres-0"),
    ("get pods -n clipper", "grep redis", "redis-"),
    ("get pods -n clipper -l app=backend", "cat", "backend-"),
    ("describe pod NAME -n clipper", "cat", "backend-"),
    ("top pods -n clipper", "cat", "backend-"),
    ("exec -it deployment/redis -n clipper -- redis-cli PING", "cat", "PONG"),
    ("get configmap backend-config -n clipper -o yaml", "cat", "HOT_SCORE_REFRESH_INTERVAL: 5m"),
    ("exec -it NAME -n clipper -- env", r#"grep -i "interval\|job""#, "WEBHOOK_RETRY_INTERVAL=1m"),
    ("rollout history deployment/backend -n clipper", "cat", "name: backend"),
    ("rollout undo deployment/backend -n clipper", "cat", "name: backend"),
    ("rollout restart deployment/backend -n clipper", "cat", "name: backend"),
    ("scale deployment backend --replicas=5 -n clipper", "cat", "name: backend"),
    ("scale deployment backend --replicas=10 -n clipper", "cat", "name: backend"),
];

/// What the database is asked as in [`PSQL`], and a part of its answer.
pub(super) const QUERIES: [(&str, &str); 5] = [
    ("SELECT 1;", "1"),
    (
        "SELECT pid, now() - query_start AS duration, query FROM pg_stat_activity \
         WHERE state = 'active' ORDER BY duration DESC;",
        "SELECT count(*) FROM clips",
    ),
    (
        "SELECT query, calls, mean_exec_time, max_exec_time FROM pg_stat_statements \
         ORDER BY mean_exec_time DESC LIMIT 10;",
        " | ",
    ),
    ("SELECT * FROM pg_locks WHERE NOT granted;", "AccessShareLock"),
    ("SELECT pg_terminate_backend(0);", "f"),
];

/// How the database is asked.
pub(super) const PSQL: &str = "kubectl exec -it postgres-0 -n clipper -- psql -U clipper -c";

/// How a job is run from inside a pod of the service. No content type is sent.
pub(super) const TRIGGER: &str = "curl -X POST http://localhost:8080/admin/jobs/trigger \
     -H \"Authorization: Bearer $ADMIN_TOKEN\" -d '{\"job_name\": \"hot_score_refresh\"}'";
