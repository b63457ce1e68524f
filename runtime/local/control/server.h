// The control socket of a run: HTTP over a Unix socket, served by the run's own loop. An answer may be given
// later (a `wait`, a `stop`), and a thousand that wait cost a descriptor each and no thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

#include "runtime/base/error.h"
#include "runtime/local/control/http.h"
#include "runtime/local/loop/loop.h"

namespace msctl::local {

class ControlServer {
public:
  class Answer {
  public:
    virtual ~Answer() = default;
    virtual void send(int status, std::string json) = 0;  // once; a caller that is gone is ignored
    virtual bool gone() const = 0;
  };
  using Handler = std::function<void(const ControlRequest&, std::shared_ptr<Answer>)>;

  // Takes the path over if nobody listens there. Errors: cannotWrite.
  static base::Result<std::unique_ptr<ControlServer>> listen(Loop& loop, const std::string& path,
                                                             Handler handler);
  ~ControlServer();

private:
  struct Connection;
  ControlServer(Loop& loop, base::Fd socket, std::string path, Handler handler);
  void accept_all();
  void read(const std::shared_ptr<Connection>& connection);
  void write(const std::shared_ptr<Connection>& connection);
  void close(const std::shared_ptr<Connection>& connection);

  Loop& loop_;
  base::Fd socket_;
  std::string path_;
  Handler handler_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
};

}  // namespace msctl::local
