// A client of OCI's distribution protocol 1.1: manifests and blobs of one registry.
//
// Each request is asked again, after a growing pause, where the other side is busy or breaks off; an upload
// goes on where it stopped. A refusal is not asked again. Credentials are only sent to the registry itself
// and to the server of tokens that it names.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/image/oci/types.h"
#include "pipelines/image/registry/credentials.h"
#include "runtime/base/clock.h"
#include "runtime/http/transport.h"

namespace msctl::image {

struct RegistryOptions {
  // Asked once, when the registry wants to know who asks.
  std::function<base::Result<std::optional<Credential>>()> credential;
  std::function<void(base::Duration)> sleep;  // between attempts
  std::function<bool()> interrupted;
  int attempts = 6;
  std::uint64_t chunk = std::uint64_t{32} << 20;  // of an upload
};

struct FetchedManifest {
  Descriptor descriptor;
  std::string bytes;
};

class Registry {
public:
  // `name`: "registry.example:5000". May be used by several threads.
  Registry(http::Transport& transport, std::string name, RegistryOptions options);

  const std::string& name() const { return name_; }

  // `version`: a tag or a digest. Errors: imageMissing, badManifest, digestMismatch, registry…
  base::Result<FetchedManifest> manifest(const std::string& repository, const std::string& version);
  // Only whether it is there, and its digest.
  base::Result<std::optional<std::string>> head_manifest(const std::string& repository,
                                                         const std::string& version);
  // To `file`, which is made. Errors: imageMissing, digestMismatch, cannotWrite, registry…
  base::Result<void> fetch_blob(const std::string& repository, const Descriptor& blob,
                                const std::string& file, const std::function<void(std::uint64_t)>& progress);

  enum class Sent { present, mounted, uploaded };
  // The file at `path`, unless it is there. `mount_from`: a repository of the same registry that may have it.
  base::Result<Sent> push_blob(const std::string& repository, const Descriptor& blob, const std::string& path,
                               const std::string& mount_from,
                               const std::function<void(std::uint64_t)>& progress);

  // Whether the registry itself lists it among what refers to its subject.
  base::Result<bool> put_manifest(const std::string& repository, const std::string& version,
                                  std::string_view media_type, std::string_view bytes);

private:
  struct Ask {
    std::string method, target;  // target: below /v2/, or a whole address
    std::string repository, more_scope;
    http::Headers headers;
    std::optional<http::BodySource> body;
    std::function<bool(std::string_view)> sink;
    bool once = false;  // the caller goes on by itself where it breaks off
  };
  using Answer = std::expected<http::Response, http::Failure>;

  base::Result<http::Response> ask(const Ask& ask);
  Answer send_once(const Ask& ask, const http::Url& url, bool push);
  Answer follow(http::Request request);
  std::optional<http::Url> url_of(const Ask& ask);
  base::Result<bool> authorise(const http::Response& refusal, const Ask& ask, bool push);
  base::Result<std::string> token(const http::Url& realm, const std::string& service,
                                  const std::vector<std::string>& scopes);
  base::Result<std::optional<Credential>> credential();
  bool pause(int attempt, std::string_view retry_after);

  base::Error failure_of(const http::Failure& failure) const;
  base::Error refusal_of(const http::Response& response, const std::string& what) const;

  base::Result<std::string> begin_upload(const std::string& repository, const Descriptor& blob,
                                         const std::string& mount_from, bool& mounted);
  // Where an upload stands: how many bytes have come, and the address to go on at.
  std::optional<std::uint64_t> upload_state(const std::string& repository, std::string& location);
  base::Result<void> upload(const std::string& repository, const Descriptor& blob, int fd,
                            std::string location, const std::function<void(std::uint64_t)>& progress);

  static std::string scope_of(const Ask& ask, bool push);

  http::Transport& transport_;
  std::string name_, host_;
  RegistryOptions options_;
  std::atomic<bool> plain_ = false;  // http, which is only tried on this machine
  std::mutex mutex_;
  std::map<std::string, std::string> authorizations_;  // by scope
  std::optional<base::Result<std::optional<Credential>>> credential_;
};

}  // namespace msctl::image
