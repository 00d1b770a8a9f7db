using System.CommandLine;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar;

/// <summary>The executable: daprd's flags, with daprd's defaults. A flag that daprd does not have is refused by name.</summary>
public static class SidecarCommand
{
    private static readonly Option<string> AppId = new("--app-id") { Description = "The app's id.", Required = true };
    private static readonly Option<int?> AppPort = new("--app-port") { Description = "The app's port; left out: no app." };
    private static readonly Option<string> AppProtocol = new("--app-protocol") { Description = "The app's protocol: http.", DefaultValueFactory = _ => "http" };
    private static readonly Option<string> AppChannelAddress = new("--app-channel-address") { Description = "The app's host.", DefaultValueFactory = _ => "127.0.0.1" };
    private static readonly Option<int> HttpPort = new("--dapr-http-port") { Description = "The port of the HTTP API.", DefaultValueFactory = _ => 3500 };
    private static readonly Option<int> GrpcPort = new("--dapr-grpc-port") { Description = "The port of the gRPC API.", DefaultValueFactory = _ => 50001 };
    private static readonly Option<string[]> ResourcesPath = new("--resources-path") { Description = "A folder of resources; may be repeated.", DefaultValueFactory = _ => [] };
    private static readonly Option<string?> Config = new("--config") { Description = "The file of the Configuration." };
    private static readonly Option<int> MaxConcurrency = new("--app-max-concurrency") { Description = "Calls of the app at once.", DefaultValueFactory = _ => -1 };
    private static readonly Option<bool> HealthCheck = new("--enable-app-health-check") { Description = "Probe the app's health." };
    private static readonly Option<string> HealthPath = new("--app-health-check-path") { Description = "The path of the probe.", DefaultValueFactory = _ => "/healthz" };
    private static readonly Option<int> HealthInterval = new("--app-health-probe-interval") { Description = "Seconds between probes.", DefaultValueFactory = _ => 5 };
    private static readonly Option<int> HealthTimeout = new("--app-health-probe-timeout") { Description = "Milliseconds that a probe may take.", DefaultValueFactory = _ => 500 };
    private static readonly Option<int> HealthThreshold = new("--app-health-threshold") { Description = "Failed probes that make the app unhealthy.", DefaultValueFactory = _ => 3 };
    private static readonly Option<string> DisableInit = new("--disable-init-endpoints") { Description = "What the app is not asked for at its start: config, subscribe.", DefaultValueFactory = _ => string.Empty };
    private static readonly Option<string> Level = new("--log-level") { Description = "debug, info, warn or error.", DefaultValueFactory = _ => "info" };
    private static readonly Option<bool> Json = new("--log-as-json") { Description = "Log a JSON object a line." };
    private static readonly Option<string> BodySize = new("--max-body-size") { Description = "The largest body and gRPC message, for example 4Mi.", DefaultValueFactory = _ => "4Mi" };

    /// <summary>Runs a sidecar until it is asked to stop.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("The local sidecar: Dapr's APIs for development and tests.")
        {
            AppId, AppPort, AppProtocol, AppChannelAddress, HttpPort, GrpcPort, ResourcesPath, Config, MaxConcurrency,
            HealthCheck, HealthPath, HealthInterval, HealthTimeout, HealthThreshold, DisableInit, Level, Json, BodySize,
        };
        foreach (var ignored in IgnoredFlags.All)
        {
            root.Add(ignored);
        }

        root.SetAction(RunAsync);
        return root.Parse(args).InvokeAsync();
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(AppProtocol) is not "http" and var protocol)
        {
            await Console.Error.WriteLineAsync($"--app-protocol is '{protocol}'; the local sidecar serves http only.");
            return 1;
        }

        LogLevel? level = arguments.GetValue(Level) switch
        {
            "debug" => LogLevel.Debug,
            "info" => LogLevel.Information,
            "warn" => LogLevel.Warning,
            "error" or "fatal" => LogLevel.Error,
            _ => null,
        };
        if (level is null)
        {
            await Console.Error.WriteLineAsync($"--log-level is '{arguments.GetValue(Level)}'; it must be debug, info, warn or error.");
            return 1;
        }

        if (!ByteSize.TryParse(arguments.GetValue(BodySize)!, out var bodySize))
        {
            await Console.Error.WriteLineAsync($"--max-body-size is '{arguments.GetValue(BodySize)}'; it must be bytes with or without a unit, for example 4Mi, and less than 2 GiB.");
            return 1;
        }

        var disabled = arguments.GetValue(DisableInit)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (Array.Find(disabled, name => name is not ("config" or "subscribe")) is { } unknown)
        {
            await Console.Error.WriteLineAsync($"--disable-init-endpoints has '{unknown}'; it must be config, subscribe, or both with a comma between them.");
            return 1;
        }

        var options = new SidecarOptions
        {
            AppId = arguments.GetValue(AppId)!,
            AppPort = arguments.GetValue(AppPort),
            AppChannelAddress = arguments.GetValue(AppChannelAddress)!,
            DaprHttpPort = arguments.GetValue(HttpPort),
            DaprGrpcPort = arguments.GetValue(GrpcPort),
            ResourcesPaths = arguments.GetValue(ResourcesPath)!,
            ConfigFile = arguments.GetValue(Config),
            DisableInitEndpoints = disabled,
            AppMaxConcurrency = arguments.GetValue(MaxConcurrency),
            EnableAppHealthCheck = arguments.GetValue(HealthCheck),
            AppHealthCheckPath = arguments.GetValue(HealthPath)!,
            AppHealthProbeInterval = TimeSpan.FromSeconds(arguments.GetValue(HealthInterval)),
            AppHealthProbeTimeout = TimeSpan.FromMilliseconds(arguments.GetValue(HealthTimeout)),
            AppHealthThreshold = arguments.GetValue(HealthThreshold),
            MaxBodySize = bodySize,
            FindsOthersOnThisMachine = true,
            ConfigureLogging = logging =>
            {
                _ = arguments.GetValue(Json) ? logging.AddJsonConsole() : logging.AddSimpleConsole(console => console.SingleLine = true);
                logging.SetMinimumLevel(level.Value).AddFilter("Microsoft", LogLevel.Warning);
            },
        };
        try
        {
            await using var host = await SidecarHost.StartAsync(options, cancellationToken);
            await Console.Out.WriteLineAsync($"Sidecar of {options.AppId}: HTTP {host.Options.DaprHttpPort}, gRPC {host.Options.DaprGrpcPort}");
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.Stopping);
            await Task.Delay(Timeout.Infinite, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }
        catch (ResourceException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
