//! Runs the service.

use std::error::Error;
use std::process::{self, ExitCode};
use std::sync::Arc;
use std::{env, io, panic};

use service::api::{self, Dependencies};
use service::config::Config;
use service::needs::notifications;
use service::redis_store::RedisStore;
use service::server::{self, Shutdown, Timeouts};
use service::telemetry::{JsonLines, Metrics, log_panic};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};
use tracing_subscriber::layer::SubscriberExt;

// See sysexits(3).
const EXIT_USAGE: u8 = 64;
/// What a shell tells of a process that SIGTERM ended.
const EXIT_TERMINATED: i32 = 128 + 15;

fn main() -> ExitCode {
    let (config, store, notifier) = match settings() {
        Ok(settings) => settings,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    log_to_stdout(&config);
    let result = Runtime::new().map_err(Into::into).and_then(|runtime| {
        let result = runtime.block_on(run(config, store, notifier));
        // What is left has been given up; a look-up of a name, say, could take long.
        runtime.shutdown_background();
        result
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!(%error, "server failed");
            ExitCode::FAILURE
        }
    }
}

fn settings() -> Result<(Config, RedisStore, notifications::Client), String> {
    let environment = |name: &str| env::var(name).ok();
    let config = Config::load(environment).map_err(|wrong| wrong.to_string())?;
    let store =
        RedisStore::new(&config.redis_url).map_err(|error| format!("REDIS_URL: {error}"))?;
    let notifier = notifications::Client::new(environment).map_err(|wrong| wrong.to_string())?;
    Ok((config, store, notifier))
}

fn log_to_stdout(config: &Config) {
    let lines = JsonLines::new(&config.service_name, io::stdout());
    let subscriber = tracing_subscriber::registry().with(config.log_level).with(lines);
    tracing::subscriber::set_global_default(subscriber).expect("there is no other log");
    panic::set_hook(Box::new(log_panic));
}

async fn run(
    config: Config,
    store: RedisStore,
    notifier: notifications::Client,
) -> Result<(), Box<dyn Error>> {
    let terminate = signal(SignalKind::terminate())?;
    let interrupt = signal(SignalKind::interrupt())?;
    let shutdown = Shutdown {
        grace_period: config.grace_period,
        drain_delay: config.drain_delay,
        draining: CancellationToken::new(),
    };
    let router = api::router(Dependencies {
        store: Arc::new(store),
        notifier: Arc::new(notifier),
        metrics: Metrics::new()?,
        draining: shutdown.draining.clone(),
    });
    let listener = TcpListener::bind((config.host.as_str(), config.port)).await?;
    info!(address = %listener.local_addr()?, "listening");
    let signal = first_signal(terminate, interrupt);
    server::serve(listener, router, shutdown, Timeouts::default(), signal).await?;
    Ok(())
}

/// Ends with the first signal. A second one ends the process at once.
async fn first_signal(mut terminate: Signal, mut interrupt: Signal) {
    let mut next = async move || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    next().await;
    tokio::spawn(async move {
        next().await;
        process::exit(EXIT_TERMINATED);
    });
}
