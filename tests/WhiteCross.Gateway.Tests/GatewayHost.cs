using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>The gateway on a free port, with a job store in memory and a sidecar that is away.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayHost(WebApplication app, InMemoryJobStore store, Uri address)
    {
        _app = app;
        Store = store;
        Client = new HttpClient { BaseAddress = address };
    }

    public InMemoryJobStore Store { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<GatewayHost> StartAsync(Func<IJobStore, IJobStore>? decorate = null, params (string Key, string Value)[] settings) =>
        StartAsync(decorate, TimeProvider.System, settings: settings);

    public static async Task<GatewayHost> StartAsync(
        Func<IJobStore, IJobStore>? decorate, TimeProvider time, Action<IServiceCollection>? configure = null, params (string Key, string Value)[] settings)
    {
        var store = new InMemoryJobStore(JobQueues.DefaultOptions, time);
        var app = GatewayApp.Create([], builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();

            // Nobody listens on port 9 (discard): jobs are put on record all the same.
            builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("DAPR_GRPC_ENDPOINT", "http://127.0.0.1:9")]);
            builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)));
            builder.UseJobsInMemory(decorate?.Invoke(store) ?? store);
            builder.Services.AddSingleton(time);
            configure?.Invoke(builder.Services);
        });
        await app.StartAsync(Cancellation);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new GatewayHost(app, store, new Uri(address));
    }

    public static string Message(string? jobId = null, string options = "{}") =>
        $$"""
        { {{(jobId is null ? string.Empty : $"\"jobId\":\"{jobId}\",")}} "type": "send-message", "options": {{options}},
          "data": { "messageId": "{{Guid.NewGuid()}}", "senderId": "{{Guid.NewGuid()}}", "recipientId": "{{Guid.NewGuid()}}",
                    "conversationId": "{{Guid.NewGuid()}}", "content": "hello" } }
        """;

    public Task<HttpResponseMessage> PostAsync(string path, string json, string contentType = "application/json") =>
        PostAsync(path, Encoding.UTF8.GetBytes(json), contentType);

    public Task<HttpResponseMessage> PostAsync(string path, byte[] body, string contentType = "application/json")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(contentType);
        return Client.PostAsync(new Uri(path, UriKind.Relative), content, Cancellation);
    }

    public Task<HttpResponseMessage> PostAsync(string path) => Client.PostAsync(new Uri(path, UriKind.Relative), null, Cancellation);

    public async Task<(HttpStatusCode Status, JsonNode? Body)> GetAsync(string path)
    {
        using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonNode>(Cancellation));
    }

    /// <summary>Adds a job and fails it for good, as a service would.</summary>
    public async Task FailAsync(string queue, string jobId)
    {
        using var added = await PostAsync($"/queue/{queue}/jobs", Message(jobId));
        var begun = await Store.BeginAsync(queue, [new BeginRequest(jobId)], Cancellation);
        await Store.FinishAsync(queue, [new RunEnd(begun[0].Run!.Key, RunEndKind.Failed) { Error = new JobError("broken") }], Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
