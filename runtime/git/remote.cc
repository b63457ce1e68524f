#include "runtime/git/remote.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "runtime/base/names.h"
#include "runtime/git/fetch.h"
#include "runtime/git/library.h"
#include "runtime/git/objects.h"

namespace msctl::git {
namespace {

using base::Code;

constexpr std::size_t most_bytes = 1'000'000'000;  // of a repository as it is sent
constexpr const char* here = "refs/msctl/template";

// How long to wait before asking once more a server that hung up on us, in order; then it is told.
constexpr std::array<std::chrono::milliseconds, 2> waits{std::chrono::milliseconds(250),
                                                         std::chrono::seconds(1)};

struct Session {
  const std::function<void()>& live;
  bool too_large = false;
  int asked = 0;  // how often the remote has asked for credentials
};

int on_text(const char*, int, void* session) {
  static_cast<Session*>(session)->live();
  return 0;
}

int on_progress(const git_indexer_progress* progress, void* payload) {
  auto& session = *static_cast<Session*>(payload);
  session.live();
  session.too_large = progress->received_bytes > most_bytes;
  return session.too_large ? -1 : 0;
}

// For ssh: the agent, then the keys of the usual names, if they have no passphrase. What stands in an https
// address libgit2 takes by itself.
int on_credentials(git_credential** out, const char*, const char* user, unsigned allowed, void* payload) {
  auto& session = *static_cast<Session*>(payload);
  const char* name = user != nullptr ? user : "git";
  if ((allowed & GIT_CREDENTIAL_USERNAME) != 0) return git_credential_username_new(out, name);
  if ((allowed & GIT_CREDENTIAL_SSH_KEY) == 0) return GIT_EAUTH;
  const int turn = session.asked++;
  if (turn == 0) return git_credential_ssh_key_from_agent(out, name);
  const char* home = std::getenv("HOME");
  int usable = 0;
  for (const char* file : {"id_ed25519", "id_ecdsa", "id_rsa"}) {
    const std::string key = fmt::format("{}/.ssh/{}", home != nullptr ? home : "", file);
    if (::access(key.c_str(), R_OK) == 0 && ++usable == turn)
      return git_credential_ssh_key_new(out, name, (key + ".pub").c_str(), key.c_str(), "");
  }
  return GIT_EAUTH;
}

struct Reference {
  std::string name;
  std::string id;
};

// Whether what libgit2 has just said may be over when it is asked again: a connection that broke, or a server
// that says itself that it is busy (RFC 9110 section 15.6, RFC 6585 section 4). An address that nobody has
// and a port on which nobody listens are told at once: more often than not they are mistyped.
bool may_pass() {
  const std::string said = reason();
  for (int broken : {ECONNRESET, ECONNABORTED, EPIPE, ETIMEDOUT})
    if (said.ends_with(std::strerror(broken))) return true;
  return std::ranges::any_of(
      std::array{"EOF", "status code: 429", "status code: 502", "status code: 503", "status code: 504"},
      [&](const char* sign) { return said.contains(sign); });
}

std::vector<Reference> references_of(git_remote* remote) {
  std::vector<Reference> out;
  const git_remote_head** heads = nullptr;
  std::size_t count = 0;
  if (git_remote_ls(&heads, &count, remote) < 0) return out;
  for (std::size_t i = 0; i < count; ++i) out.push_back({heads[i]->name, hex(heads[i]->oid)});
  return out;
}

bool is_commit_id(const std::string& ref) {
  return ref.size() >= 7 && ref.size() <= 40 &&
         ref.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string find(const std::vector<Reference>& all, const std::string& ref) {
  if (ref.empty()) return "HEAD";
  for (const char* prefix : {"refs/tags/", "refs/heads/", ""})
    if (std::ranges::find(all, prefix + ref, &Reference::name) != all.end() &&
        (*prefix != 0 || ref.starts_with("refs/")))
      return prefix + ref;
  return {};
}

std::unexpected<base::Error> unknown(const std::vector<Reference>& all, const std::string& url,
                                     const std::string& ref) {
  std::vector<std::string> known;
  for (const auto& [name, id] : all)
    for (std::string_view prefix : {"refs/tags/", "refs/heads/"})
      if (name.starts_with(prefix) && !name.ends_with("^{}")) known.push_back(name.substr(prefix.size()));
  auto error = base::fail(Code::unknownName,
                          fmt::format("{} has no tag, branch or commit '{}'", without_password(url), ref),
                          base::did_you_mean(ref, known));
  if (!known.empty() && known.size() <= 20) error.error().expected = base::either(known);
  return error;
}

class Remote {
public:
  Remote(Session& session, git_repository* repository, std::string url)
      : session_(session), repository_(repository), url_(std::move(url)) {
    git_remote_init_callbacks(&callbacks_, GIT_REMOTE_CALLBACKS_VERSION);
    callbacks_.sideband_progress = on_text;
    callbacks_.transfer_progress = on_progress;
    callbacks_.credentials = on_credentials;
    callbacks_.payload = &session;
    git_proxy_options_init(&proxy_, GIT_PROXY_OPTIONS_VERSION);
    proxy_.type = GIT_PROXY_AUTO;
  }

  base::Result<std::string> tags() {
    auto remote = connect();
    if (!remote) return std::unexpected(std::move(remote.error()));
    constexpr std::string_view kTags = "refs/tags/";
    std::string out;
    for (const auto& [name, id] : references_of(remote->get()))
      if (name.starts_with(kTags)) out += fmt::format("{} {} ", name.substr(kTags.size()), id);
    return out;
  }

  base::Result<std::string> fetch(const std::string& ref) {
    auto connected = connect();
    if (!connected) return std::unexpected(std::move(connected.error()));
    git_remote* remote = connected->get();
    const std::vector<Reference> all = references_of(remote);
    if (all.empty())
      return base::fail(Code::noTemplate, fmt::format("{} has no commits", without_password(url_)));
    const std::string name = find(all, ref);
    if (name.empty() && !is_commit_id(ref)) return unknown(all, url_, ref);

    std::vector<std::string> specs{fmt::format("+{}:{}", name, here)};
    if (name.empty()) specs = {"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"};
    if (auto fetched = fetch(remote, specs); !fetched) return std::unexpected(std::move(fetched.error()));
    auto commit = commit_id(repository_, name.empty() ? ref : here);
    return commit.empty() ? unknown(all, url_, ref) : base::Result<std::string>(std::move(commit));
  }

private:
  base::Result<Owned<git_remote>> connect() {
    git_remote* remote = nullptr;
    if (git_remote_create_anonymous(&remote, repository_, url_.c_str()) < 0) return unreachable();
    Owned<git_remote> owned(remote, git_remote_free);
    for (auto wait = waits.begin();; ++wait) {
      if (git_remote_connect(remote, GIT_DIRECTION_FETCH, &callbacks_, &proxy_, nullptr) >= 0) return owned;
      if (wait == waits.end() || !may_pass()) return unreachable();
      std::this_thread::sleep_for(*wait);
      session_.live();
    }
  }

  std::unexpected<base::Error> unreachable() const {
    return base::fail(Code::templateUnreachable, fmt::format("{}: {}", without_password(url_), reason()),
                      "git ls-remote " + without_password(url_));
  }

  base::Result<void> fetch(git_remote* remote, std::vector<std::string>& specs) {
    std::vector<char*> texts;
    for (std::string& spec : specs) texts.push_back(spec.data());
    const git_strarray list{texts.data(), texts.size()};
    git_fetch_options options;
    git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    options.callbacks = callbacks_;
    options.proxy_opts = proxy_;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.update_fetchhead = 0;
    if (git_remote_fetch(remote, &list, &options, nullptr) >= 0) return {};
    if (session_.too_large)
      return base::fail(Code::templateTooLarge,
                        fmt::format("{} is a repository of more than 1 GB", without_password(url_)));
    return unreachable();
  }

  Session& session_;
  git_repository* repository_;
  std::string url_;
  git_remote_callbacks callbacks_{};
  git_proxy_options proxy_{};
};

base::Result<Owned<git_repository>> begin_in(const std::string& folder) {
  if (auto begun = begin_remotes(); !begun) return std::unexpected(begun.error());
  git_repository* repository = nullptr;
  if (git_repository_init(&repository, folder.c_str(), 1) < 0)
    return base::fail(Code::cannotWrite, fmt::format("{}: {}", folder, reason()));
  return Owned<git_repository>(repository, git_repository_free);
}

}  // namespace

base::Result<std::string> fetch_here(const std::string& url, const std::string& ref,
                                     const std::string& folder, const std::function<void()>& live) {
  auto repository = begin_in(folder);
  if (!repository) return std::unexpected(std::move(repository.error()));
  Session session{live};
  return Remote(session, repository->get(), url).fetch(ref);
}

base::Result<std::string> tags_here(const std::string& url, const std::string& folder,
                                    const std::function<void()>& live) {
  auto repository = begin_in(folder);
  if (!repository) return std::unexpected(std::move(repository.error()));
  Session session{live};
  return Remote(session, repository->get(), url).tags();
}

// Lines: "ok" and the id; or the code's number, the message, what was expected, the suggestion.
std::string encode(const base::Result<std::string>& commit) {
  if (commit) return fmt::format("ok\n{}\n", *commit);
  const base::Error& error = commit.error();
  return fmt::format("{}\n{}\n{}\n{}\n", static_cast<int>(error.code), error.message, error.expected,
                     error.suggestion);
}

base::Result<std::string> decode(const std::string& answer) {
  std::vector<std::string> lines;
  for (std::size_t at = 0, end = 0; (end = answer.find('\n', at)) != std::string::npos; at = end + 1)
    lines.push_back(answer.substr(at, end - at));
  if (lines.size() == 2 && lines[0] == "ok") return lines[1];
  const auto code = lines.size() == 4 ? base::code_from(lines[0]) : std::nullopt;
  if (!code) return base::fail(Code::internal, "the child that asks the repository ended without an answer");
  auto error = base::fail(*code, lines[1], lines[3]);
  error.error().expected = lines[2];
  return error;
}

std::string without_password(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const std::size_t begin = scheme + 3;
  const std::size_t at = url.substr(0, url.find('/', begin)).rfind('@');
  return at == std::string::npos || at < begin ? url : url.substr(0, begin) + url.substr(at + 1);
}

}  // namespace msctl::git
