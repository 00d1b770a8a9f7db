using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.BatchMessageSending;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Sidecar;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Bench.Batch;

/// <summary>The batch service and its sidecar in this process, on Redis.</summary>
internal sealed class MeasuredService : IAsyncDisposable
{
    private const int ChunkSize = 1000;
    private const string Content = "Your appointment is on {{day}}. Please answer until the day before.";

    private readonly WebApplication _app;
    private readonly SidecarHost _sidecar;

    private MeasuredService(WebApplication app, SidecarHost sidecar) => (_app, _sidecar) = (app, sidecar);

    private IJobPublisher Publisher => _app.Services.GetRequiredService<IJobPublisher>();

    private IJobStore Store => _app.Services.GetRequiredService<IJobStore>();

    public static async Task<MeasuredService> StartAsync(string redis, CancellationToken cancellationToken)
    {
        var (host, port) = (redis.Split(':')[0], redis.Contains(':', StringComparison.Ordinal) ? redis.Split(':')[1] : "6379");
        var settings = new Dictionary<string, string?> { ["REDIS_HOST"] = host, ["REDIS_PORT"] = port, ["REDIS_QUEUE_DB"] = "1", ["SECRET_MESSAGE_KEYS"] = "{}" };
        var (appPort, http, grpc) = (FreePorts.Take(), FreePorts.Take(), FreePorts.Take());
        var app = BatchMessageSendingApp.Create(["--urls", $"http://127.0.0.1:{appPort}"], builder =>
        {
            builder.Configuration.AddInMemoryCollection(settings);
            builder.Configuration.AddInMemoryCollection([new("DAPR_HTTP_ENDPOINT", $"http://127.0.0.1:{http}"), new("DAPR_GRPC_ENDPOINT", $"http://127.0.0.1:{grpc}")]);
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
        });
        var sidecar = await SidecarHost.StartAsync(
            new SidecarOptions
            {
                AppId = BatchMessageSendingApp.AppId,
                AppPort = appPort,
                DaprHttpPort = http,
                DaprGrpcPort = grpc,
                ResourcesPaths = [Path.Combine(BuiltProjects.Repository, "components")],
                Environment = new ResourceEnvironment { Variable = settings.GetValueOrDefault },
            },
            cancellationToken);
        await app.StartAsync(cancellationToken);
        await sidecar.Ready.WaitAsync(cancellationToken);
        return new MeasuredService(app, sidecar);
    }

    /// <summary>Publishes messages' jobs without a workflow, as many at once as a chunk has.</summary>
    public async Task PublishAsync(int count, CancellationToken cancellationToken)
    {
        var (batchId, options) = (Guid.NewGuid(), JobQueues.DefaultOptions(JobQueues.MessageDelivery));
        for (var from = 0; from < count; from += ChunkSize)
        {
            NewJob[] jobs = [.. Recipients(Math.Min(ChunkSize, count - from)).Select(recipient => NewJobFactory.Create(
                BatchIds.MessageJob(batchId, recipient.RecipientId),
                new SendMessageJob
                {
                    MessageId = BatchIds.Message(batchId, recipient.RecipientId),
                    SenderId = batchId,
                    RecipientId = recipient.RecipientId,
                    ConversationId = BatchIds.Conversation(batchId, recipient.RecipientId),
                    Content = Content,
                    CreatedAt = DateTimeOffset.UnixEpoch,
                    Metadata = new() { ["batchId"] = JsonSerializer.SerializeToElement(batchId) },
                },
                JobsJsonContext.Default.SendMessageJob,
                options,
                traceParent: null))];
            await Publisher.AddBulkAsync(JobQueues.MessageDelivery, jobs, cancellationToken);
        }
    }

    public async Task SendAsync(int count, CancellationToken cancellationToken) =>
        await EndAsync(await BeginAsync(await UploadAsync(count, cancellationToken), count, cancellationToken), cancellationToken);

    public async Task<Guid> UploadAsync(int count, CancellationToken cancellationToken)
    {
        var (store, uploadId, blocks) = (_app.Services.GetRequiredService<BatchStore>(), Guid.NewGuid(), new List<int>());
        for (var from = 0; from < count; from += BatchStore.BlockSize)
        {
            BatchRecipient[] block = [.. Recipients(Math.Min(BatchStore.BlockSize, count - from))];
            await store.SaveUploadBlockAsync(uploadId, blocks.Count, block, cancellationToken);
            blocks.Add(block.Length);
        }

        await store.SaveUploadAsync(uploadId, new BatchUpload(blocks), cancellationToken);
        return uploadId;
    }

    public async Task<Guid> BeginAsync(Guid uploadId, int count, CancellationToken cancellationToken)
    {
        var batch = new BatchSendJob
        {
            BatchId = Guid.NewGuid(),
            SenderId = Guid.NewGuid(),
            RecipientsRef = uploadId,
            RecipientCount = count,
            Content = Content,
            TemplateVariables = new() { ["day"] = JsonSerializer.SerializeToElement("Monday") },
            ChunkSize = ChunkSize,
            ChunkDelay = 0,
        };
        var job = NewJobFactory.Create(
            $"{batch.BatchId}", batch, JobsJsonContext.Default.BatchSendJob, JobQueues.DefaultOptions(JobQueues.BatchMessageSending), traceParent: null);
        await Publisher.AddAsync(JobQueues.BatchMessageSending, job, cancellationToken);
        return batch.BatchId.Value;
    }

    public async Task EndAsync(Guid batchId, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var state = (await Store.GetStatesAsync(JobQueues.BatchMessageSending, [$"{batchId}"], cancellationToken))[0]?.State;
            if (state == JobState.Failed)
            {
                throw new InvalidOperationException((await Store.GetAsync(JobQueues.BatchMessageSending, $"{batchId}", cancellationToken))?.Error?.Message);
            }

            if (state == JobState.Completed)
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _sidecar.DisposeAsync();
        await _app.DisposeAsync();
    }

    private static IEnumerable<BatchRecipient> Recipients(int count) => Enumerable.Range(0, count).Select(_ => new BatchRecipient { RecipientId = Guid.NewGuid() });


}
