using Dapr.Workflow;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WhiteCross.Testing;

namespace WhiteCross.Sidecar.Tests.Hosting;

/// <summary>Workflows through a whole sidecar, in memory and on Redis.</summary>
public sealed class WorkflowHostingTests(RedisServer redis)
{
    private readonly EmbeddedBroker _broker = new(TimeProvider.System);
    private readonly string _appId = RedisServer.NewName("app");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_workflow_goes_on_with_its_next_activity_when_its_sidecar_starts_again(bool isEmbedded)
    {
        var folder = Directory.CreateTempSubdirectory("workflows-");
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "state.yaml"),
            $"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: store
            spec:
              type: state.redis
              version: v1
              metadata:
              - name: redisHost
                value: "{redis.EndPoint}"
              - name: actorStateStore
                value: "true"
            """,
            Cancellation);
        var options = new SidecarOptions
        {
            AppId = _appId,
            DaprHttpPort = 0,
            DaprGrpcPort = 0,
            ResourcesPaths = [folder.FullName],
            Broker = isEmbedded ? _broker : null,
            ConfigureLogging = logging => logging.ClearProviders(),
        };
        var calls = new List<string>();
        var first = await SidecarHost.StartAsync(options, Cancellation);
        using var app = await StartAppAsync(first.GrpcEndpoint, calls);
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        var id = await client.ScheduleNewWorkflowAsync("greet", $"{_appId}-1", "Ada", (DateTimeOffset?)null, Cancellation);
        using (var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10)))
        {
            // An activity whose end is not on record when the sidecar goes runs again, and rightly so.
            while ((await client.GetWorkflowStateAsync(id, getInputsAndOutputs: true, Cancellation))?.ReadCustomStatusAs<string>() != "greeted")
            {
                await timer.WaitForNextTickAsync(Cancellation);
            }
        }

        // While it waits for its event, the sidecar goes and comes back.
        await first.DisposeAsync();
        await using var second = await SidecarHost.StartAsync(options with { DaprGrpcPort = first.Options.DaprGrpcPort }, Cancellation);
        using var again = await StartAppAsync(second.GrpcEndpoint, calls);
        var later = again.Services.GetRequiredService<DaprWorkflowClient>();
        await later.RaiseEventAsync(id, "go", true, Cancellation);
        var state = await later.WaitForWorkflowCompletionAsync(id, cancellation: Cancellation);

        Assert.Equal("Hello Ada. Bye Ada.", state.ReadOutputAs<string>());
        Assert.Equal(["hello", "bye"], calls);
        await app.StopAsync(Cancellation);
        await again.StopAsync(Cancellation);
        folder.Delete(recursive: true);
    }

    private static async Task<IHost> StartAppAsync(Uri grpc, List<string> calls)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("DAPR_GRPC_ENDPOINT", grpc.ToString())]);
        builder.Services.AddDaprWorkflow(workflows =>
        {
            workflows.RegisterWorkflow<string, string>("greet", async (context, name) =>
            {
                var hello = await context.CallActivityAsync<string>("hello", name);
                context.SetCustomStatus("greeted");
                await context.WaitForExternalEventAsync<bool>("go");
                return hello + " " + await context.CallActivityAsync<string>("bye", name);
            });
            workflows.RegisterActivity<string, string>("hello", (_, name) => Said("hello", $"Hello {name}."));
            workflows.RegisterActivity<string, string>("bye", (_, name) => Said("bye", $"Bye {name}."));
        });
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;

        Task<string> Said(string what, string text)
        {
            lock (calls)
            {
                calls.Add(what);
            }

            return Task.FromResult(text);
        }
    }
}
