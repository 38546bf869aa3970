//! Named locks.

use shoring_db::LockAttempt;

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn a_lock_is_exclusive_and_comes_back(db: TestDatabase) {
        let name = format!("{}:a name that is longer than the 64 characters that MySQL allows for one", db.name);
        let mut one = db.connect().await;
        let mut two = db.connect().await;
        assert_eq!(one.try_lock(&name).await.unwrap(), LockAttempt::Acquired);
        // Again by its owner: still one lock.
        assert_eq!(one.try_lock(&name).await.unwrap(), LockAttempt::Acquired);
        let LockAttempt::Held(holder) = two.try_lock(&name).await.unwrap() else {
            panic!("the lock was not exclusive");
        };
        if let Some(holder) = holder {
            assert!(!holder.session.is_empty());
            assert!(one.backend().0.contains(&holder.session), "{holder:?} is not {:?}", one.backend());
        }
        one.unlock(&name).await.unwrap();
        assert_eq!(two.try_lock(&name).await.unwrap(), LockAttempt::Acquired);
        assert!(matches!(one.try_lock(&name).await.unwrap(), LockAttempt::Held(_)));
    }

    async fn a_lock_ends_with_its_session(db: TestDatabase) {
        let mut one = db.connect().await;
        let mut two = db.connect().await;
        assert_eq!(one.try_lock(&db.name).await.unwrap(), LockAttempt::Acquired);
        assert!(matches!(two.try_lock(&db.name).await.unwrap(), LockAttempt::Held(_)));
        one.close().await.unwrap();
        // The server may need a moment to notice.
        while two.try_lock(&db.name).await.unwrap() != LockAttempt::Acquired {}
    }

    async fn names_do_not_disturb_each_other(db: TestDatabase) {
        let mut one = db.connect().await;
        let mut two = db.connect().await;
        let (first, second) = (format!("{}-1", db.name), format!("{}-2", db.name));
        assert_eq!(one.try_lock(&first).await.unwrap(), LockAttempt::Acquired);
        if db.engine == shoring_testkit::Engine::Sqlite {
            // One file is one lock there.
            return;
        }
        assert_eq!(two.try_lock(&second).await.unwrap(), LockAttempt::Acquired);
        assert!(matches!(one.try_lock(&second).await.unwrap(), LockAttempt::Held(_)));
    }

    async fn giving_back_what_is_not_held_is_no_error(db: TestDatabase) {
        let mut one = db.connect().await;
        one.unlock(&db.name).await.unwrap();
        assert_eq!(one.take_notices(), []);
        assert_eq!(one.try_lock(&db.name).await.unwrap(), LockAttempt::Acquired);
        one.unlock(&db.name).await.unwrap();
        one.unlock(&db.name).await.unwrap();
        assert_eq!(one.take_notices(), []);
    }

    async fn a_lock_survives_commit_and_rollback(db: TestDatabase) {
        let mut one = db.connect().await;
        let mut two = db.connect().await;
        crate::support::run(&mut one, &["BEGIN"]).await;
        assert_eq!(one.try_lock(&db.name).await.unwrap(), LockAttempt::Acquired);
        crate::support::run(&mut one, &["ROLLBACK", "BEGIN", "COMMIT"]).await;
        assert!(matches!(two.try_lock(&db.name).await.unwrap(), LockAttempt::Held(_)));
    }
}
