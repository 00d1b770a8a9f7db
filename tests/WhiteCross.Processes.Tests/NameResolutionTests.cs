using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Processes.Tests;

/// <summary>Sidecars of one machine, each in a process of its own, find each other.</summary>
public sealed class NameResolutionTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sidecars-");
    private readonly HttpClient _client = new();
    private readonly List<IAsyncDisposable> _started = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started))
        {
            await started.DisposeAsync();
        }

        _client.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_app_calls_another_whose_sidecar_is_another_process(bool configured)
    {
        Assert.SkipWhen(SidecarExecutable.Daprd is not null && !configured, "daprd's own default needs multicast.");
        var config = configured ? Config("updateInterval: 30s") : null;
        await SidecarAsync("callee", await AppAsync("hello from the callee"), config);
        var caller = await SidecarAsync("caller", null, config);

        using var answer = await _client.PostAsJsonAsync(new Uri(caller.Address, "/v1.0/invoke/callee/method/greet/me?loud=true"), new { a = 1 }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var seen = (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!;
        Assert.Equal(
            ("hello from the callee", "/greet/me?loud=true", "caller", "{\"a\":1}"),
            (Text(seen, "says"), Text(seen, "path"), Text(seen, "caller"), Text(seen, "body")));
    }

    [Fact]
    public async Task A_sidecar_that_died_is_forgotten_and_one_that_starts_elsewhere_is_found()
    {
        Assert.SkipWhen(SidecarExecutable.Daprd is not null, "How soon is the local sidecar's own matter.");
        var config = Config("updateInterval: 2s");
        var app = await AppAsync("hello");
        var callee = await SidecarAsync("callee", app, config);
        var caller = await SidecarAsync("caller", null, config);
        var call = new Uri(caller.Address, "/v1.0/invoke/callee/method/greet");
        await callee.Process.KillAsync();

        await UntilAsync(async () =>
        {
            using var answer = await _client.GetAsync(call, Cancellation);
            return answer.StatusCode == HttpStatusCode.InternalServerError
                && (await answer.Content.ReadAsStringAsync(Cancellation)).Contains("failed to invoke, id: callee, err: no address is known of it", StringComparison.Ordinal);
        });

        await SidecarAsync("callee", app, config);
        await UntilAsync(async () =>
        {
            using var again = await _client.GetAsync(call, Cancellation);
            return again.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task A_register_that_cannot_be_used_ends_the_start_with_the_settings_name()
    {
        Assert.SkipWhen(SidecarExecutable.Daprd is not null, "The words are the local sidecar's.");
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "is-a-folder.db"));
        var config = Config("updateInterval: 2s", "is-a-folder.db");
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => SidecarAsync("app", null, config));
        Assert.Contains("spec.nameResolution.configuration.connectionString cannot be used", failure.Message, StringComparison.Ordinal);
    }

    private static string? Text(JsonObject json, string name) => json[name]?.GetValue<string>();

    private static Task UntilAsync(Func<Task<bool>> condition) => Eventually.TrueAsync(condition, Patience);

    private string Config(string more, string file = "sidecars.db")
    {
        var path = Path.Combine(_folder.FullName, "config.yaml");
        File.WriteAllText(path, $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: { name: config }
            spec:
              nameResolution:
                component: sqlite
                version: v1
                configuration: { connectionString: "{{Path.Combine(_folder.FullName, file)}}", {{more}} }
            """);
        return path;
    }

    private async Task<int> AppAsync(string says)
    {
        var port = SidecarExecutable.FreePort();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/dapr/{**rest}", () => Results.NotFound());
        app.Map("/greet/{**rest}", async (HttpRequest request) =>
        {
            using var body = new StreamReader(request.Body);
            return new { says, path = request.Path + request.QueryString.Value, caller = request.Headers["dapr-caller-app-id"].ToString(), body = await body.ReadToEndAsync() };
        });
        await app.StartAsync(Cancellation);
        _started.Add(app);
        return port;
    }

    private async Task<(ChildProcess Process, Uri Address)> SidecarAsync(string appId, int? appPort, string? config)
    {
        var (http, grpc) = (SidecarExecutable.FreePort(), SidecarExecutable.FreePort());
        List<string> flags = ["--app-id", appId, "--dapr-http-port", $"{http}", "--dapr-grpc-port", $"{grpc}", "--log-level", "warn"];
        flags.AddRange(appPort is { } port ? ["--app-port", $"{port}"] : []);
        flags.AddRange(config is not null ? ["--config", config] : []);
        var process = new ChildProcess(new ChildProcessStart(
            $"the sidecar of {appId}",
            SidecarExecutable.Command(flags),
            new Dictionary<string, string?> { ["HOME"] = _folder.FullName },
            Path.Combine(_folder.FullName, $"{appId}-{http}.log")));
        _started.Add(process);
        process.Start();
        var address = new Uri($"http://localhost:{http}");
        await process.WaitUntilUpAsync(_client, new Uri(address, "/v1.0/healthz"), Patience, Cancellation);
        return (process, address);
    }
}
