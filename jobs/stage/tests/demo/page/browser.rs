//! A browser that shows the page of a service, and what a person does in it.

use std::str::FromStr;

use e2e::chromium::ChromiumDriver;
use e2e::waiting::wait;
use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The key of a keyboard that ends an input.
pub(super) const ENTER: char = '\u{e007}';
/// The key that leaves one.
pub(super) const ESCAPE: char = '\u{e00c}';
/// The key that goes on to what comes next.
pub(super) const TAB: char = '\u{e004}';

/// A browser in a session of its own, which ends with this value.
pub(super) struct Browser {
    client: Client,
    _driver: ChromiumDriver,
}

/// A command that is Chromium's alone: its path within the session, and its body.
#[derive(Debug)]
struct Command(&'static str, Value);

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.1.to_string()))
    }
}

/// What the browser has said on its console, and what it could not load.
#[derive(Deserialize)]
struct Complaint {
    message: String,
}

/// Whether an element was not there, was replaced, or could not be seen, which may change.
fn is_not_there_yet(error: &CmdError) -> bool {
    error.is_no_such_element() || error.is_stale_element_reference() || error.is_element_not_interactable()
}

impl Browser {
    /// Opens an address.
    pub(super) async fn open(url: &str) -> Self {
        let driver = ChromiumDriver::start();
        let options = json!({ "binary": driver.browser(), "args": driver.arguments() });
        let capabilities = Capabilities::from_iter([
            ("goog:chromeOptions".to_owned(), options),
            ("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" })),
        ]);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&driver.url()).await.unwrap();
        let browser = Self { client, _driver: driver };
        browser.size(1200, 800).await;
        browser.client.goto(url).await.unwrap();
        browser
    }

    /// Sends a command of Chromium's protocol for developers.
    async fn send(&self, command: &str, parameters: Value) -> Result<Value, CmdError> {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Command("goog/cdp/execute", body)).await
    }

    /// What a script answers: `return` is put before an expression.
    pub(super) async fn read<T: DeserializeOwned>(&self, expression: &str) -> T {
        let script = format!("return ({expression});");
        let answer = self.client.execute(&script, Vec::new()).await;
        let answer = answer.unwrap_or_else(|error| panic!("{expression}: {error}"));
        serde_json::from_value(answer).unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Waits until an expression is true.
    pub(super) async fn wait_for(&self, expression: &str) {
        // What is not there yet is `undefined`.
        let found = async || self.read::<bool>(&format!("Boolean({expression})")).await.then_some(());
        wait(expression, found).await;
    }

    /// The text of the first element of a selector, as it can be seen.
    pub(super) async fn text(&self, selector: &str) -> String {
        self.client.find(Locator::Css(selector)).await.unwrap().text().await.unwrap()
    }

    /// Clicks the first element of a selector, where a person would: once it can be seen.
    pub(super) async fn click(&self, selector: &str) {
        let clicked = async || {
            let clicked = match self.client.find(Locator::Css(selector)).await {
                Ok(element) => element.click().await,
                Err(error) => Err(error),
            };
            match clicked {
                Ok(()) => Some(()),
                Err(error) if is_not_there_yet(&error) => None,
                Err(error) => panic!("{selector}: {error}"),
            }
        };
        wait(selector, clicked).await;
    }

    /// Types on the keyboard, into whatever has the focus.
    pub(super) async fn type_text(&self, text: &str) {
        self.client.active_element().await.unwrap().send_keys(text).await.unwrap();
    }

    /// Opens the page anew.
    pub(super) async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    /// Makes the page as wide and high, in pixels.
    pub(super) async fn size(&self, width: u32, height: u32) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500,
        });
        self.send("Emulation.setDeviceMetricsOverride", metrics).await.unwrap();
    }

    /// Has the reader prefer a colour scheme.
    pub(super) async fn prefer(&self, scheme: &str) {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.send("Emulation.setEmulatedMedia", features).await.unwrap();
    }

    /// Signs in with a token, from the keyboard.
    pub(super) async fn sign_in(&self, token: &str) {
        self.wait_for("document.activeElement.id === 'token'").await;
        self.type_text(&format!("{token}{ENTER}")).await;
    }

    /// A picture of what is shown, as PNG.
    pub(super) async fn picture(&self) -> Vec<u8> {
        self.client.screenshot().await.unwrap()
    }

    /// Ends the session. What the browser has complained about is what was expected, in its order,
    /// and nothing else: no error of a script, nothing that the policy forbids.
    pub(super) async fn quit(self, expected: &[&str]) {
        let said = self.client.issue_cmd(Command("se/log", json!({ "type": "browser" }))).await.unwrap();
        let complaints: Vec<Complaint> = serde_json::from_value(said).unwrap();
        let complaints: Vec<_> = complaints.into_iter().map(|complaint| complaint.message).collect();
        let are_expected = complaints.len() == expected.len()
            && complaints.iter().zip(expected).all(|(complaint, part)| complaint.contains(part));
        assert!(are_expected, "{complaints:#?}");
        self.client.close().await.unwrap();
    }
}
