// Values with units, as they stand in configuration files. Each parser gives the value or an Error whose
// `message`, `expected` and `suggestion` are filled; the caller adds the place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace msctl::base {

// "250ms", "10s", "1m30s", "1.5h"; units ns, us, ms, s, m, h, d (Go's notation and days). Not negative. "0"
// alone is zero.
Result<Duration> parse_duration(std::string_view text);
std::string to_string(Duration duration);  // "1m30s": the shortest form that parses to the same

// "64KiB", "8MiB", "1GB", "512": bytes; KiB, MiB, GiB, TiB are powers of 1024, kB, MB, GB, TB powers of 1000.
Result<std::uint64_t> parse_size(std::string_view text);
std::string size_to_string(std::uint64_t bytes);

// "70%" → 70.0; 0 to 100 unless `limit` says otherwise.
Result<double> parse_percentage(std::string_view text, double limit = 100.0);

// Kubernetes quantities: cpu in thousandths of a core ("250m" → 250, "2" → 2000, "0.5" → 500); memory in
// bytes
// ("128Mi", "1G", "1e6").
Result<std::int64_t> parse_cpu(std::string_view text);
Result<std::int64_t> parse_memory(std::string_view text);

}  // namespace msctl::base
