package io.serin.benchmarks.router;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Proxies of others, each in its usual configuration, before the same stub. */
final class Peers {

  private static final Duration START = Duration.ofSeconds(20);
  private static final int NGINX_WORKERS = Runtime.getRuntime().availableProcessors();

  private final Path folder;
  private final int stub;

  Peers(Path folder, int stub) {
    this.folder = folder;
    this.stub = stub;
  }

  /** nginx with split_clients by user and upstream connections that are kept. */
  Peer nginx(boolean mirror) throws IOException, InterruptedException {
    String name = mirror ? "nginx-mirror" : "nginx";
    int port = freePort();
    Path home = Files.createDirectories(folder.resolve(name));
    Path config = home.resolve("nginx.conf");
    Files.writeString(
        config,
        """
        worker_processes %d;
        daemon off;
        pid %s/nginx.pid;
        error_log %s/error.log warn;
        events { worker_connections 4096; }
        http {
          access_log off;
          client_body_temp_path %s/body; proxy_temp_path %s/proxy; fastcgi_temp_path %s/f;
          uwsgi_temp_path %s/u; scgi_temp_path %s/s;
          keepalive_requests 1000000000; keepalive_timeout 1h; tcp_nodelay on;
          upstream control   { server 127.0.0.1:%d; keepalive 256; keepalive_requests 1000000000; }
          upstream candidate { server 127.0.0.1:%d; keepalive 256; keepalive_requests 1000000000; }
          upstream shadow    { server 127.0.0.1:%d; keepalive 256; keepalive_requests 1000000000; }
          split_clients "$http_x_user_id" $variant { 25%% candidate; * control; }
          server {
            listen 127.0.0.1:%d backlog=4096;
            location / {
              %s
              proxy_pass http://$variant; proxy_http_version 1.1; proxy_set_header Connection "";
              proxy_buffering off;
            }
            location = /mirror {
              internal; proxy_pass http://shadow$request_uri; proxy_http_version 1.1;
              proxy_set_header Connection "";
            }
          }
        }
        """
            .formatted(
                NGINX_WORKERS,
                home,
                home,
                home,
                home,
                home,
                home,
                home,
                stub,
                stub,
                stub,
                port,
                mirror ? "mirror /mirror;" : ""));
    Child child =
        Child.start(
            home.resolve("out.log"),
            home,
            List.of(program("nginx"), "-p", home.toString(), "-c", config.toString()));
    child.awaitPort(port, START);
    return Peer.of(name, port, child);
  }

  /** HAProxy that hashes the user, and passes streams on without delay. */
  Peer haproxy() throws IOException, InterruptedException {
    int port = freePort();
    Path home = Files.createDirectories(folder.resolve("haproxy"));
    Path config = home.resolve("haproxy.cfg");
    Files.writeString(
        config,
        """
        global
          nbthread %d
          maxconn 8192
        defaults
          mode http
          option http-no-delay
          timeout connect 5s
          timeout client 1h
          timeout server 1h
        frontend in
          bind 127.0.0.1:%d
          default_backend models
        backend models
          balance hdr(x-user-id)
          hash-type consistent
          http-reuse always
          server control 127.0.0.1:%d weight 75
          server candidate 127.0.0.1:%d weight 25
        """
            .formatted(NGINX_WORKERS, port, stub, stub));
    Child child =
        Child.start(
            home.resolve("out.log"),
            home,
            List.of(program("haproxy"), "-db", "-f", config.toString()));
    child.awaitPort(port, START);
    return Peer.of("haproxy", port, child);
  }

  /**
   * Portkey's gateway from npm, with the two dependencies pinned without which it cannot stream.
   */
  Peer portkey(Path cache) throws IOException, InterruptedException {
    Path home = Files.createDirectories(cache.resolve("portkey"));
    Path main = home.resolve("node_modules/@portkey-ai/gateway/build/start-server.js");
    if (!Files.exists(main)) {
      Files.writeString(
          home.resolve("package.json"),
          """
          {"private": true, "dependencies": {"@portkey-ai/gateway": "*"},
           "overrides": {"@hono/node-server": "1.13.5", "hono": "4.9.7"}}
          """);
      Process npm =
          new ProcessBuilder(
                  program("npm"), "install", "--no-audit", "--no-fund", "--loglevel=error")
              .directory(home.toFile())
              .redirectErrorStream(true)
              .redirectOutput(home.resolve("npm.log").toFile())
              .start();
      if (npm.waitFor() != 0) {
        throw new IOException(
            "npm could not install Portkey's gateway: " + home.resolve("npm.log"));
      }
    }
    int port = freePort();
    Child child =
        Child.start(
            home.resolve("out.log"),
            home,
            List.of(program("node"), main.toString(), "--port=" + port, "--headless"));
    child.awaitPort(port, START);
    return new Peer(
        "portkey",
        port,
        Peer.PATH,
        Map.of(
            "x-portkey-provider", "openai",
            "x-portkey-custom-host", "http://127.0.0.1:" + stub + "/v1",
            "authorization", "Bearer none"),
        0,
        List.of(child.handle()),
        List.of(child));
  }

  static boolean present(String program) {
    return find(program).isPresent();
  }

  private static String program(String name) throws IOException {
    return find(name)
        .map(Path::toString)
        .orElseThrow(() -> new IOException(name + " is not installed"));
  }

  private static Optional<Path> find(String name) {
    List<String> folders = new ArrayList<>(List.of(System.getenv("PATH").split(":", -1)));
    folders.addAll(List.of("/usr/sbin", "/usr/local/sbin"));
    return folders.stream()
        .map(each -> Path.of(each, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
