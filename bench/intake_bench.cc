// How many events a second a server takes, acknowledged when they are on disk and counted behind
// it, with the senders on the same machine.
//
//   bench_intake [EVENTS] [CONNECTIONS] [A_SECOND] [SETTINGS]
//   (default 1,000,000, 8, 0 for as fast as it goes, and the defaults of the server)
//
// Starts build/purvey, beside this program, on a free port; each connection posts batches of 500
// events and waits for the answer. Prints, in one run: the same bodies written and synced to a
// file one by one, decoding alone on one thread, and the server: rate until the last answer, rate
// until all was counted, and how long answers took.
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "app/temporary_folder.h"
#include "bench/shop.h"
#include "event/event_body.h"
#include "event/json_decoder.h"

extern char** environ;

namespace {

using namespace purvey;
using Clock = std::chrono::steady_clock;

constexpr size_t kBatch = 500;
// Event time goes on at about the rate at which they are sent, as a live shop's does.
constexpr int64_t kEventsASecond = 150'000;

[[noreturn]] void fail(const std::string& what) {
  fmt::print(stderr, "bench_intake: {}\n", what);
  std::exit(3);
}

double seconds_since(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

std::vector<std::string> make_bodies(size_t events) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const int64_t begun = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  bench::Shop shop({begun - 60'000'000}, kEventsASecond);
  std::vector<std::string> bodies(events / kBatch);
  for (std::string& body : bodies) {
    for (size_t i = 0; i < kBatch; ++i) shop.write_next(body);
  }
  return bodies;
}

/// The baseline of durability: each body written to the end of a file and synced.
double synced_seconds(const std::vector<std::string>& bodies, size_t count,
                      const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const auto begun = Clock::now();
  for (size_t i = 0; i < count; ++i) {
    const std::string& body = bodies[i];
    if (write(file, body.data(), body.size()) != static_cast<ssize_t>(body.size()) ||
        fdatasync(file) != 0) {
      fail("writing " + path);
    }
  }
  close(file);
  return seconds_since(begun);
}

double decode_seconds(const std::vector<std::string>& bodies) {
  base::Dictionary names;
  event::JsonDecoder decoder(names, event::Pseudonymizer(event::Pseudonymizer::published_key()),
                             std::nullopt);
  const auto begun = Clock::now();
  for (std::string body : bodies) {
    event::EventBatch batch;
    if (!event::decode_body(event::BodyForm::kLines, body, decoder, batch)) fail("decoding");
  }
  return seconds_since(begun);
}

/// A server of its own, stopped with this object.
class Server {
 public:
  Server(const std::string& program, const std::string& folder, const std::string& settings) {
    int errors[2];
    if (pipe2(errors, O_CLOEXEC) != 0) fail("a pipe");
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, errors[1], STDERR_FILENO);
    std::vector<std::string> words = {program, "run", "--listen", "127.0.0.1:0", "--data", folder};
    if (!settings.empty()) words.insert(words.end(), {"-c", settings});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (posix_spawn(&process_, program.c_str(), &files, nullptr, arguments.data(), environ) != 0) {
      fail("starting " + program);
    }
    posix_spawn_file_actions_destroy(&files);
    close(errors[1]);
    std::string said;
    char byte = 0;
    while (read(errors[0], &byte, 1) == 1 && byte != '\n') said += byte;
    const size_t at = said.find("127.0.0.1:");
    if (at == std::string::npos) fail("no server: " + said);
    port_ = static_cast<uint16_t>(std::atoi(said.c_str() + at + 10));
  }
  ~Server() {
    kill(process_, SIGTERM);
    waitpid(process_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t port() const { return port_; }

 private:
  pid_t process_ = 0;
  uint16_t port_ = 0;
};

class Connection {
 public:
  explicit Connection(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      fail("connecting");
    }
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Connection() { close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The whole answer; bodies of answers are small.
  std::string ask(const std::string& request) {
    for (std::string_view rest = request; !rest.empty();) {
      const ssize_t sent = send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) fail("sending");
      rest.remove_prefix(static_cast<size_t>(sent));
    }
    std::string answer;
    for (;;) {
      char buffer[4096];
      const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) fail("receiving");
      answer.append(buffer, static_cast<size_t>(got));
      const size_t head = answer.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      const size_t length = answer.find("Content-Length: ");
      if (length > head) fail("an answer without length");
      if (answer.size() >= head + 4 + std::strtoull(answer.c_str() + length + 16, nullptr, 10)) {
        return answer;
      }
    }
  }

 private:
  const int fd_;
};

std::string post(const std::string& body) {
  return fmt::format(
             "POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\n"
             "Content-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n",
             body.size()) +
         body;
}

/// Posts every body once, from `connections` threads; how long each answer took, in ms. With a
/// rate, each waits for its turn, and times count from then: what waits in the queue counts.
std::vector<double> send_all(uint16_t port, const std::vector<std::string>& bodies,
                             size_t connections, double events_a_second) {
  std::atomic<size_t> next{0};
  std::vector<std::vector<double>> times(connections);
  std::vector<std::thread> senders;
  const auto begun = Clock::now();
  for (auto& mine : times) {
    senders.emplace_back([&] {
      Connection connection(port);
      for (size_t i = next++; i < bodies.size(); i = next++) {
        const std::string request = post(bodies[i]);
        auto due = Clock::now();
        if (events_a_second > 0) {
          due = begun + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                            static_cast<double>(i * kBatch) / events_a_second));
          std::this_thread::sleep_until(due);
        }
        while (!connection.ask(request).starts_with("HTTP/1.1 202")) {
          std::this_thread::sleep_for(std::chrono::milliseconds(5));  // told to wait
        }
        mine.push_back(seconds_since(due) * 1'000);
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  std::vector<double> all;
  for (const auto& mine : times) all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  return all;
}

void wait_until_counted(uint16_t port, size_t events) {
  Connection connection(port);
  const std::string counted = fmt::format("\"received\":{},", events);
  while (connection.ask("GET /api/v1/quality HTTP/1.1\r\nHost: localhost\r\n\r\n").find(counted) ==
         std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const size_t asked = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const size_t connections = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 8;
  const double a_second = argc > 3 ? std::strtod(argv[3], nullptr) : 0;
  const auto bodies = make_bodies(asked);
  const auto events = static_cast<double>(bodies.size() * kBatch);
  const auto folder = app::TemporaryFolder::make();
  if (!folder) fail(folder.error().message);
  const std::string program =
      (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "purvey").string();

  const size_t synced = std::min<size_t>(bodies.size(), 500);
  const double syncing = synced_seconds(bodies, synced, folder->path() + "/baseline");
  const double decoding = decode_seconds(bodies);
  const Server server(program, folder->path() + "/data", argc > 4 ? argv[4] : "");
  const auto begun = Clock::now();
  const auto times = send_all(server.port(), bodies, connections, a_second);
  const double answered = seconds_since(begun);
  wait_until_counted(server.port(), bodies.size() * kBatch);
  const double counted = seconds_since(begun);

  const auto line = [](const char* what, double rate, const std::string& more) {
    fmt::print("  {:32} {:8.0f} k events/s{}\n", what, rate / 1e3, more);
  };
  fmt::print("{:.0f} events in batches of {} over {} connections\n", events, kBatch, connections);
  line("write and sync, one by one", static_cast<double>(synced * kBatch) / syncing, "");
  line("decode alone, one thread", events / decoding, "");
  line("server, until acknowledged", events / answered,
       fmt::format("   {:.2f} of decoding alone", decoding / answered));
  line("server, until counted", events / counted, "");
  fmt::print("  acknowledged after p50 {:.1f} ms, p99 {:.1f} ms, at most {:.1f} ms\n",
             times[times.size() / 2], times[times.size() * 99 / 100], times.back());
  return 0;
}
