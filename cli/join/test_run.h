// A run of one service, what it needs and a gateway, beside all other runs: for tests of the running service.
// Another msctl in the foreground does it, so that several can go on side by side; it ends with this one,
// however this one ends.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "runtime/base/error.h"
#include "runtime/base/fd.h"

namespace msctl::cli::join {

// In the environment of such a run: the pid of the msctl that it ends with.
inline constexpr std::string_view end_with_variable = "MSCTL_END_WITH";

struct TestRunOptions {
  std::string program;  // this msctl
  std::string root;     // of the workspace, which has been built
  std::string service;
  bool stateless = false;  // see `msctl run --stateless`
  std::string recording;   // a file for the exchanges with replicas
  std::string log;         // a file for what the services and the run say
  int cancel = -1;         // when readable, waiting ends
};

class TestRun {
public:
  // When all is ready. Errors: testRunFailed with what the run said last, interrupted.
  static base::Result<std::unique_ptr<TestRun>> start(const TestRunOptions& options);
  ~TestRun();
  TestRun(const TestRun&) = delete;
  TestRun& operator=(const TestRun&) = delete;

  const std::string& gateway_url() const { return gateway_url_; }

  // When every process is gone; the recording is whole then.
  void stop();

private:
  TestRun() = default;
  base::Result<void> wait_until_ready(const TestRunOptions& options);
  bool take(std::string_view bytes);  // false: this was the end
  void take_line(const std::string& line);
  void note(const std::string& line);

  pid_t pid_ = -1;
  base::Fd output_, log_;
  std::string pending_, last_words_, gateway_url_;
  bool settled_ = false, ready_ = false;
  std::thread reader_;  // once all is ready
};

}  // namespace msctl::cli::join
