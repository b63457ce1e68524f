// Sees what goes between the run's gateway and its replicas: writes it down, one JSON object a line, and
// tells of requests that changed something. The reactors hand over and go on; a thread of its own does the
// rest.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gateway/server/witness.h"
#include "runtime/base/error.h"
#include "runtime/base/fd.h"

namespace msctl::local {

struct RecorderOptions {
  std::string file;  // empty: nothing is written down
  // A replica of the service has taken a change (a method that is not safe, answered 2xx), and the client
  // does not know yet. Called by the reactors: must not wait. Empty: nobody asks.
  std::function<void(const std::string& service)> changed;
};

class Recorder final : public gateway::server::Witness {
public:
  // Errors: cannotWrite.
  static base::Result<std::unique_ptr<Recorder>> open(RecorderOptions options);
  ~Recorder() override;  // when all is written

  void answers(std::string_view upstream, std::string_view method, int status) override;
  void ended(gateway::server::Capture capture) override;

private:
  // Bytes that wait to be written; exchanges beyond it are dropped, and the recording says how many.
  static constexpr std::size_t waiting_limit = 64u << 20;

  Recorder(RecorderOptions options, base::Fd file);
  void work();
  void write(const std::string& lines);

  RecorderOptions options_;
  base::Fd file_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<gateway::server::Capture> waiting_;
  std::size_t waiting_bytes_ = 0, dropped_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace msctl::local
