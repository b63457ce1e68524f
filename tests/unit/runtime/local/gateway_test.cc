// What a run tells of its gateway and its services beside them.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/local/gateway/access_file.h"
#include "runtime/local/gateway/service_metrics.h"
#include "runtime/local/logs/store.h"
#include "tests/catch.h"

using namespace msctl;
using namespace msctl::local;
namespace fs = std::filesystem;

namespace {

std::string text_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

std::string line(int number) {
  std::string out = R"({"time":"2026-01-31T12:00:00.123456Z","number":)";
  return out + std::to_string(number) + "}\n";
}

}  // namespace

TEST_CASE("the access log's lines become records, within a bound") {
  std::string folder = (fs::temp_directory_path() / "msctl-access-XXXXXX").string();
  folder = ::mkdtemp(folder.data());
  std::string path = access_log_path(folder);
  AccessFile file(path, 300);
  CHECK_FALSE(fs::exists(path));
  file.write(line(1) + "not an entry\n" + line(2));
  std::istringstream lines(text_of(path));
  int number = 0;
  for (std::string each; std::getline(lines, each);) {
    LogRecord record;
    REQUIRE(parse_record(each, record));
    CHECK(record.at == "2026-01-31T12:00:00.123Z");
    CHECK(record.replica == "gateway");
    CHECK(std::string(record.text) + "\n" == line(++number));
  }
  CHECK(number == 2);
  for (int i = 0; i < 50; ++i) file.write(line(i));
  CHECK(fs::file_size(path) < 500);
  CHECK(fs::file_size(path + ".1") < 500);
  CHECK(text_of(path).find("\"number\":49}") != std::string::npos);
  fs::remove_all(folder);
}

TEST_CASE("services' metrics: every state of every service, and restarts that never shrink") {
  Service service;
  service.spec.name = "orders";
  service.restarts = 3;
  service.replicas.resize(2);
  service.replicas[0].state = State::ready;
  service.replicas[1].state = State::backoff;
  Service external;
  external.spec.name = "cache";
  external.spec.external = true;
  ServiceMetrics metrics;
  metrics.update({service, external});
  std::string text = metrics.text();
  CHECK(text.find("# TYPE msctl_service_replicas gauge\n") != std::string::npos);
  CHECK(text.find("msctl_service_replicas{service=\"orders\",state=\"ready\"} 1\n") != std::string::npos);
  CHECK(text.find("msctl_service_replicas{service=\"orders\",state=\"backoff\"} 1\n") != std::string::npos);
  CHECK(text.find("msctl_service_replicas{service=\"orders\",state=\"unready\"} 0\n") != std::string::npos);
  CHECK(text.find("# TYPE msctl_service_restarts_total counter\n") != std::string::npos);
  CHECK(text.find("msctl_service_restarts_total{service=\"orders\"} 3\n") != std::string::npos);
  CHECK(text.find("cache") == std::string::npos);
}
