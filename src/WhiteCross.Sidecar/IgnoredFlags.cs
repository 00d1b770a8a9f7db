using System.CommandLine;

namespace WhiteCross.Sidecar;

/// <summary>
/// Flags that `dapr run` gives to every daprd and that change nothing in what the local sidecar does: it has no ports but its two, listens on this
/// machine only, and needs neither placement nor scheduler. They are taken, so that one command line starts either.
/// </summary>
internal static class IgnoredFlags
{
    private static readonly string[] WithValue =
    [
        "--dapr-internal-grpc-port", "--dapr-internal-grpc-listen-address", "--dapr-public-port", "--metrics-port", "--profile-port", "--dapr-listen-addresses", "--read-buffer-size",
        "--placement-host-address", "--scheduler-host-address", "--scheduler-job-streams", "--dapr-graceful-shutdown-seconds",
        "--dapr-block-shutdown-duration", "--control-plane-address", "--mode",
    ];

    private static readonly string[] Switches = ["--enable-api-logging", "--enable-metrics", "--enable-profiling"];

    /// <summary>The flags, as options of the command line.</summary>
    public static IEnumerable<Option> All =>
    [
        .. WithValue.Select(name => new Option<string>(name) { Description = "As daprd's; without effect here." }),
        .. Switches.Select(name => new Option<bool>(name) { Description = "As daprd's; without effect here." }),
    ];
}
