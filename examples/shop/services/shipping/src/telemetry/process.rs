//! What Prometheus' client libraries tell of every process, read from Linux' /proc.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Counter, Gauge};

/// The unit of times in /proc/self/stat, on every architecture that Rust supports.
const TICKS_PER_SECOND: f64 = 100.0;

pub(super) struct ProcessMetrics {
    cpu: Counter,
    resident: Gauge,
    virtual_memory: Gauge,
    open_files: Gauge,
    start: Gauge,
}

impl ProcessMetrics {
    pub(super) fn new() -> Result<Self, prometheus::Error> {
        let metrics = Self {
            cpu: Counter::new("process_cpu_seconds_total", "Processor time, user and system.")?,
            resident: Gauge::new("process_resident_memory_bytes", "Resident memory.")?,
            virtual_memory: Gauge::new("process_virtual_memory_bytes", "Virtual memory.")?,
            open_files: Gauge::new("process_open_fds", "Open file descriptors.")?,
            start: Gauge::new("process_start_time_seconds", "Start, in seconds since 1970.")?,
        };
        // Made at the start of the process, but for a few milliseconds.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        metrics.start.set(now.as_secs_f64());
        Ok(metrics)
    }

    fn parts(&self) -> [&dyn Collector; 5] {
        [&self.cpu, &self.resident, &self.virtual_memory, &self.open_files, &self.start]
    }
}

impl Collector for ProcessMetrics {
    fn desc(&self) -> Vec<&Desc> {
        self.parts().into_iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        // What cannot be read stays as it was: metrics are no reason to fail.
        if let Some(seconds) = cpu_seconds() {
            self.cpu.inc_by((seconds - self.cpu.get()).max(0.0));
        }
        if let Ok(status) = fs::read_to_string("/proc/self/status") {
            self.resident.set(bytes(&status, "VmRSS:").unwrap_or_default());
            self.virtual_memory.set(bytes(&status, "VmSize:").unwrap_or_default());
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            self.open_files.set(files.count() as f64);
        }
        self.parts().into_iter().flat_map(Collector::collect).collect()
    }
}

/// Fields 14 and 15 of proc_pid_stat(5); the second field, a name in parentheses, may hold spaces.
fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Some(ticks.sum::<Result<f64, _>>().ok()? / TICKS_PER_SECOND)
}

fn bytes(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? * 1024.0)
}
