// One listening socket of one reactor.
#pragma once

#include "gateway/server/worker.h"

namespace msctl::gateway::server {

class Acceptor final : public Source {
public:
  Acceptor(Worker& worker, int descriptor);
  ~Acceptor() override;
  void on_events(std::uint32_t events) override;
  void take_all();  // the whole queue, before the listener goes
  int descriptor() const { return descriptor_; }

private:
  bool accept_one();
  void out_of_descriptors();
  static void resume(void* self);

  Worker& worker_;
  int descriptor_;
  int spare_;  // given up to be able to accept, and answer, when no descriptor is left
  bool paused_ = false;
  Timer pause_{this, &resume};
};

}  // namespace msctl::gateway::server
