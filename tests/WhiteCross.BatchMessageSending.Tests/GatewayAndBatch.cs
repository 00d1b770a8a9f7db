using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Gateway;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.Sidecar;
using WhiteCross.Testing;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>The gateway and the batch service, each beside its sidecar.</summary>
public sealed class GatewayAndBatch : IAsyncDisposable
{
    private readonly WebApplication _gateway;
    private readonly SidecarHost _sidecar;

    private GatewayAndBatch(WebApplication gateway, SidecarHost sidecar, BatchService batch, int port)
    {
        (_gateway, _sidecar, Batch) = (gateway, sidecar, batch);
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/queue/batch-message-sending/jobs/") };
    }

    public BatchService Batch { get; }

    /// <summary>To the batch queue's jobs at the gateway.</summary>
    public HttpClient Client { get; }

    public static Task<GatewayAndBatch> StartAsync(Ground ground, params (string, string?)[] settings) => StartAsync(ground, store => store, settings);

    public static async Task<GatewayAndBatch> StartAsync(Ground ground, Func<IJobStore, IJobStore> ofGateway, params (string, string?)[] settings)
    {
        var batch = await BatchService.StartAsync(ground, null, settings);
        (int App, int Http, int Grpc) ports = (FreePorts.Take(), FreePorts.Take(), FreePorts.Take());
        var sidecar = await ground.StartSidecarAsync(
            GatewayApp.AppId,
            ports,
            knownApps: new Dictionary<string, Uri> { [BatchMessageSendingApp.AppId] = new($"http://localhost:{batch.Ports.Http}") });
        var gateway = GatewayApp.Create(["--urls", $"http://127.0.0.1:{ports.App}"], builder =>
        {
            builder.Configuration.AddInMemoryCollection([
                .. ground.Settings,
                new("DAPR_HTTP_ENDPOINT", $"http://127.0.0.1:{ports.Http}"),
                new("DAPR_GRPC_ENDPOINT", $"http://127.0.0.1:{ports.Grpc}"),
            ]);
            builder.Logging.ClearProviders();
            if (ground.Store is { } store)
            {
                builder.UseJobsInMemory(ofGateway(store));
            }
        });
        await gateway.StartAsync(BatchService.Cancellation);
        await sidecar.Ready.WaitAsync(BatchService.Cancellation);
        return new GatewayAndBatch(gateway, sidecar, batch, ports.App);
    }

    public async Task<(int Status, JsonNode? Body)> UploadAsync(
        object job, string recipients, string contentType = "application/x-ndjson", bool recipientsFirst = false, CancellationToken? patience = null, Encoding? encoding = null)
    {
        using var form = new MultipartFormDataContent();
        var jobPart = new StringContent(job as string ?? JsonSerializer.Serialize(job, JsonSerializerOptions.Web), Encoding.UTF8, "application/json");
        var recipientsPart = new ByteArrayContent((encoding ?? Encoding.UTF8).GetBytes(recipients)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } };
        if (recipientsFirst)
        {
            form.Add(recipientsPart, "recipients", "recipients");
        }

        form.Add(jobPart, "job");
        if (!recipientsFirst)
        {
            form.Add(recipientsPart, "recipients", "recipients");
        }

        using var answer = await Client.PostAsync(new Uri("/queue/batch-message-sending/jobs", UriKind.Relative), form, patience ?? BatchService.Cancellation);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(BatchService.Cancellation)));
    }

    /// <summary>Adds a job, or many.</summary>
    public async Task<(int Status, JsonNode? Body)> AddAsync(string path, object body)
    {
        using var content = new StringContent(JsonSerializer.Serialize(body, JsonSerializerOptions.Web), Encoding.UTF8, "application/json");
        using var answer = await Client.PostAsync(new Uri($"/queue/batch-message-sending/jobs/{path}".TrimEnd('/'), UriKind.Relative), content, BatchService.Cancellation);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(BatchService.Cancellation)));
    }

    public async Task<(int Status, JsonNode? Body)> PostAsync(string path)
    {
        using var answer = await Client.PostAsync(new Uri(path, UriKind.Relative), null, BatchService.Cancellation);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(BatchService.Cancellation)));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _gateway.StopAsync(CancellationToken.None);
        await _gateway.DisposeAsync();
        await _sidecar.DisposeAsync();
        await Batch.DisposeAsync();
    }
}
