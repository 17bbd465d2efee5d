use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A service in a process of its own, which ends with this value.
struct Service {
    process: Child,
    port: u16,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Service {
    /// A service that may open so many files.
    fn start(folder: &str, files: usize) -> Self {
        let limited = format!("ulimit -n {files} && exec \"$0\" \"$1\"");
        let mut process = Command::new("sh")
            .args(["-c", &limited, env!("CARGO_BIN_EXE_service"), folder])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { process, port: port.trim().parse().unwrap() }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).unwrap()
    }

    /// Asks for a page, and takes at most two seconds.
    fn get(&self, path: &str) -> String {
        let mut stream = self.connect();
        stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: service\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    }

    /// How many runs have ended so far.
    fn runs(&self, status: &str) -> u64 {
        let metrics = self.get("/metrics");
        let series = format!("job_execution_total{{job_name=\"opens\",status=\"{status}\"}} ");
        metrics.lines().find_map(|line| line.strip_prefix(&series)).unwrap().parse().unwrap()
    }
}

#[test]
fn two_hundred_slow_clients_leave_a_service_with_few_files_that_runs_its_jobs_and_answers() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path().to_str().unwrap(), 64);
    let began = Instant::now();
    let before = service.runs("success");
    let mut clients = Vec::new();
    for number in 0..200 {
        let mut client = service.connect();
        // Half of them begin a request, and none goes on with it.
        if number % 2 == 0 {
            client.write_all(b"POST /admin/jobs/trigger HTTP/1.1\r\nhost: service\r\n").unwrap();
        }
        clients.push(client);
        if number % 20 == 0 {
            service.get("/healthz");
        }
    }
    // A run is due each second, and none fails or hangs.
    while service.runs("success") < before + 6 {
        assert!(began.elapsed() < Duration::from_secs(60), "runs are due each second");
        service.get("/healthz");
        service.get("/readyz");
        std::thread::sleep(Duration::from_millis(250));
    }
    assert_eq!(service.runs("failed"), 0);
    drop(clients);
}

/// Says nothing on one connection after the other, until there is no service any more.
fn say_nothing(port: u16) {
    loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(mut client) => _ = client.read(&mut [0]),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return,
            Err(_) => {}
        }
    }
}

#[test]
fn clients_that_come_again_and_again_leave_a_service_with_hardly_any_files_that_answers() {
    let folder = tempfile::tempdir().unwrap();
    // Fewer than the connections that it allows.
    let service = Service::start(folder.path().to_str().unwrap(), 34);
    for _ in 0..200 {
        let port = service.port;
        std::thread::spawn(move || say_nothing(port));
    }
    std::thread::sleep(Duration::from_millis(500));
    for path in ["/healthz", "/metrics", "/readyz", "/healthz", "/metrics", "/readyz"] {
        service.get(path);
    }
}
