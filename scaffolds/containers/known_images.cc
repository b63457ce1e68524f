#include "scaffolds/containers/known_images.h"

#include <algorithm>

namespace msctl::scaffolds::containers {
namespace {

const std::vector<KnownImage>& all() {
  static const std::vector<KnownImage> known{
      {"redis", "redis", 6379, {"/data"}, {"redis-cli", "ping"}, {}},
      {"valkey", "redis", 6379, {"/data"}, {"valkey-cli", "ping"}, {}},
      {"memcached", "memcached", 11211, {}, {}, {}},
      // The program makes its folder itself, with the mode that it wants: a volume cannot be that folder.
      {"postgres",
       "postgres",
       5432,
       {"/var/lib/postgresql/data", "/var/run/postgresql"},
       {"pg_isready", "--quiet"},
       {{"PGDATA", "/var/lib/postgresql/data/pgdata"}}},
      {"mysql", "mysql", 3306, {"/var/lib/mysql", "/var/run/mysqld"}, {}, {}},
      {"mariadb", "mysql", 3306, {"/var/lib/mysql", "/run/mysqld"}, {"healthcheck.sh", "--connect"}, {}},
      {"mongo", "mongodb", 27017, {"/data/db", "/data/configdb"}, {}, {}},
      {"rabbitmq", "amqp", 5672, {"/var/lib/rabbitmq"}, {"rabbitmq-diagnostics", "-q", "ping"}, {}},
      {"nats", "nats", 4222, {}, {}, {}},
  };
  return known;
}

}  // namespace

const KnownImage* known_image(std::string_view image, std::string_view scheme) {
  std::string_view name = image.substr(0, image.find('@'));
  if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos)
    name.remove_prefix(slash + 1);
  name = name.substr(0, name.find(':'));
  if (auto found = std::ranges::find(all(), name, &KnownImage::name); found != all().end()) return &*found;
  if (!name.empty()) return nullptr;
  auto found = std::ranges::find(all(), scheme, &KnownImage::scheme);
  return found == all().end() ? nullptr : &*found;
}

}  // namespace msctl::scaffolds::containers
