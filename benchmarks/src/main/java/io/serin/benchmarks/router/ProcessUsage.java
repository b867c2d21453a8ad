package io.serin.benchmarks.router;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What processes took of the machine, as Linux's /proc tells. */
final class ProcessUsage {

  /** Clock ticks a second, which Linux fixes for programs. */
  private static final double TICKS = 100;

  private ProcessUsage() {}

  /** Processor seconds of the processes and their children so far. */
  static double cpuSeconds(List<ProcessHandle> roots) {
    return all(roots).mapToDouble(ProcessUsage::cpuSeconds).sum();
  }

  /** Resident memory of the processes and their children now, in MiB. */
  static double residentMiB(List<ProcessHandle> roots) {
    return all(roots).mapToDouble(ProcessUsage::residentMiB).sum();
  }

  /** Threads of the processes and their children now. */
  static long threads(List<ProcessHandle> roots) {
    return all(roots)
        .flatMap(process -> status(process).lines())
        .filter(line -> line.startsWith("Threads:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  /** Files and sockets that the processes and their children hold open now. */
  static long handles(List<ProcessHandle> roots) {
    return all(roots).mapToLong(ProcessUsage::handles).sum();
  }

  private static long handles(ProcessHandle process) {
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      return open.count();
    } catch (NoSuchFileException e) {
      return 0; // It has ended.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String status(ProcessHandle process) {
    return read(Path.of("/proc", Long.toString(process.pid()), "status"));
  }

  /** How many wanted a processor of this machine, on average over the last minute. */
  static double machineLoad() {
    return Double.parseDouble(read(Path.of("/proc/loadavg")).split(" ", 2)[0]);
  }

  private static Stream<ProcessHandle> all(List<ProcessHandle> roots) {
    return roots.stream().flatMap(root -> Stream.concat(Stream.of(root), root.descendants()));
  }

  private static double cpuSeconds(ProcessHandle process) {
    String stat = read(Path.of("/proc", Long.toString(process.pid()), "stat"));
    if (stat.isEmpty()) {
      return 0;
    }
    // Fields are counted behind the name, which may hold spaces: utime and stime are the 12th,
    // 13th.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
  }

  private static double residentMiB(ProcessHandle process) {
    return status(process)
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024.0)
        .sum();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return ""; // It has ended.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
