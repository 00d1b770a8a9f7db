using System.Net;
using System.Net.Sockets;
using WhiteCross.Local;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>What a start says that cannot succeed: a line each, which names the option or the setting and the way out.</summary>
public sealed class StartTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("whitecross-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task Wrong_settings_of_any_service_are_told_together_and_once_each()
    {
        var options = SystemFixture.OptionsFor(_data, redis: null) with
        {
            Settings = new Dictionary<string, string?>
            {
                ["Email:Prot"] = "25",
                ["Alerts:Evrey"] = "00:00:01",
                ["Queues:message-delivery:Atempts"] = "3",
                ["Queues:message-cleanup:Concurrency"] = "0",
                ["Database:Providr"] = "sqlite",
                ["Authentication:Authorty"] = "https://example.org",
            },
        };

        var lines = (await RefusalAsync(options)).Split(Environment.NewLine);

        Assert.Equal(
            [
                "Alerts:Evrey", "Authentication:Authorty is no setting; Authentication:Authority is.", "Database:Providr is no setting; Database:Provider is.",
                "Email:Prot is no setting; Email:Port is.", "Queues:message-cleanup:Concurrency is 0; it must be a whole number from 1 to 1000.",
                "Queues:message-delivery:Atempts is no setting; Queues:message-delivery:Attempts is.",
            ],
            lines.Order(StringComparer.Ordinal).Select(line => line.StartsWith("Alerts:Evrey", StringComparison.Ordinal) ? "Alerts:Evrey" : line));
    }

    [Fact]
    public async Task Options_that_clash_or_that_there_are_not_are_a_line()
    {
        var options = SystemFixture.OptionsFor(_data, redis: null);

        Assert.Equal(
            "--port 3495 takes the ports to 3501, and --sidecar-http-port 3500 those to 3506: they overlap. Move one of them.",
            await RefusalAsync(options with { Port = 3495, SidecarHttpPort = 3500 }));
        Assert.Equal(
            "--sidecar-grpc-port is 65535; it must be from 1 to 65527, since 9 ports are taken from it on; or 0 for any that are free.",
            await RefusalAsync(options with { SidecarGrpcPort = 65_535 }));
        Assert.Equal("--redis is 'localhost:many'; it must be host:port, for example localhost:6379.", await RefusalAsync(options with { Redis = "localhost:many" }));
    }

    [Fact]
    public async Task A_port_that_a_connection_has_taken_is_a_line_too()
    {
        // Nobody listens there, so that it does not show among the listeners. The system chooses the port: one that is bound first may be shared in .NET.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var connection = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await connection.ConnectAsync(listener.LocalEndpoint, Jobs.Cancellation);

        var refusal = await RefusalAsync(SystemFixture.OptionsFor(_data, redis: null) with { SidecarHttpPort = ((IPEndPoint)connection.LocalEndPoint!).Port });

        Assert.Contains("in use", refusal, StringComparison.Ordinal);
        Assert.Contains("--sidecar-http-port", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_another_run_has_is_told_with_who_has_it_and_free_afterwards()
    {
        var options = SystemFixture.OptionsFor(_data, redis: null);
        await using (var first = await LocalSystem.StartAsync(options, Jobs.Cancellation))
        {
            var refusal = await RefusalAsync(options);
            Assert.Contains($"in use by another run (process {Environment.ProcessId}, {first.GatewayAddress.ToString().TrimEnd('/')})", refusal, StringComparison.Ordinal);
        }

        await using var second = await LocalSystem.StartAsync(options, Jobs.Cancellation);
    }

    private static async Task<string> RefusalAsync(LocalOptions options) =>
        (await Assert.ThrowsAsync<LocalStartException>(async () =>
        {
            await using var system = await LocalSystem.StartAsync(options, Jobs.Cancellation);
        })).Message;
}
