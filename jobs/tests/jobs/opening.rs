//! Processes that open the same new file at once.

use std::time::Duration;

use clipper_jobs::database::{Address, Database};
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

#[tokio::test]
async fn processes_that_start_together_create_the_file_once() {
    let folder = tempfile::tempdir().unwrap();
    let address = Address::Sqlite(folder.path().join("clipper.sqlite"));
    let open = |_| {
        let address = address.clone();
        tokio::spawn(async move { Database::connect(&address).await })
    };
    for opened in (0..8).map(open).collect::<Vec<_>>() {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_file_that_another_process_is_creating_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clipper.sqlite");
    // As SQLite creates a file, before anybody has turned the write-ahead log on.
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let other = SqlitePool::connect_with(options).await.unwrap();
    let creating = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let address = Address::Sqlite(path);
    let (opened, ()) = tokio::join!(Database::connect(&address), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        creating.rollback().await.unwrap();
    });
    opened.unwrap();
}
