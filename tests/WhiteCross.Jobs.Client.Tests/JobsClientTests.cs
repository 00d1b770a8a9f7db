using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Local;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Client.Tests;

/// <summary>The whole system in memory.</summary>
public sealed class LocalFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("whitecross-");

    public LocalSystem System { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "components", "jobs.yaml")))
        {
            folder = folder.Parent;
        }

        System = await LocalSystem.StartAsync(
            new LocalOptions { Port = 0, SidecarHttpPort = 0, SidecarGrpcPort = 0, DataDirectory = _data.FullName, ComponentsDirectory = Path.Combine(folder.FullName, "components") },
            CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        _data.Delete(recursive: true);
    }
}

/// <summary>What every way to the queues does.</summary>
public abstract class JobsClientTests(LocalFixture local)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected LocalSystem Local => local.System;

    [Fact]
    public async Task Added__runs_and_its_result_can_be_waited_for()
    {
        var client = Create();
        var message = Message();

        var added = await client.AddMessageDeliveryJobAsync(message, new JobOptions { Priority = JobPriority.High }, cancellationToken: Cancellation);
        var record = await client.WaitForEndAsync(added.Queue, added.JobId, Cancellation);

        Assert.Equal((JobState.Completed, JobPriority.High), (record.State, record.Priority));
        Assert.Equal(message.MessageId, record.Result!.Value.GetProperty("messageId").GetGuid());
    }

    [Fact]
    public async Task The_same_id_again__adds_no_second_job()
    {
        var client = Create();
        var (message, jobId) = (Message(), $"twice/{Guid.NewGuid()}");

        var first = await client.AddMessageDeliveryJobAsync(message, jobId: jobId, cancellationToken: Cancellation);
        await client.WaitForEndAsync(first.Queue, jobId, Cancellation);
        var second = await client.AddMessageDeliveryJobAsync(message, jobId: jobId, cancellationToken: Cancellation);

        Assert.Equal(jobId, second.JobId);
        Assert.True(second.IsNew is null or false);
        Assert.Equal(1, (await client.FindAsync(first.Queue, jobId, Cancellation))!.AttemptsMade);
    }

    [Fact]
    public async Task Every_type__goes_to_its_queue()
    {
        var client = Create();
        var delay = new JobOptions { Delay = 3_600_000 };
        var id = Guid.NewGuid();
        AddedJob[] added =
        [
            await client.AddDeliveryConfirmationJobAsync(new DeliveryConfirmationJob { MessageId = id, RecipientId = id, Status = MessageStatus.Read }, delay, cancellationToken: Cancellation),
            await client.AddMessageNotificationJobAsync(new SendNotificationJob { RecipientId = id, Type = NotificationType.InApp, Title = "t", Message = "m" }, delay, cancellationToken: Cancellation),
            await client.AddMessageIndexingJobAsync(new IndexMessageJob { MessageId = id, Operation = IndexOperation.Delete }, delay, cancellationToken: Cancellation),
            await client.AddMessageEncryptionJobAsync(new EncryptDecryptJob { MessageId = id, Operation = EncryptionOperation.Encrypt, Content = "c" }, delay, cancellationToken: Cancellation),
            await client.AddBatchMessageSendingJobAsync(new BatchSendJob { SenderId = id, RecipientIds = [id], Content = "c" }, delay, cancellationToken: Cancellation),
            await client.AddMessageCleanupJobAsync(new CleanupMessagesJob { CleanupType = CleanupType.OldMessages }, delay, cancellationToken: Cancellation),
        ];

        Assert.Equal(JobQueues.All.Select(queue => queue.Name).Order(), added.Select(job => job.Queue).Order());
        foreach (var job in added.Where(job => job.IsNew is not null))
        {
            Assert.Equal(JobState.Delayed, (await client.FindAsync(job.Queue, job.JobId, Cancellation))!.State);
            Assert.True(await client.CancelAsync(job.Queue, job.JobId, Cancellation));
            Assert.True(await client.CancelAsync(job.Queue, job.JobId, Cancellation)); // It is cancelled, whoever says so again.
        }
    }

    [Fact]
    public async Task A_bulk__is_added_whole()
    {
        var client = Create();

        // More than one request takes. Only these run in the test, the others later: to deliver them all would tell nothing more of the client.
        int[] run = [0, 1, 1000, 1202];
        var jobs = Enumerable.Range(0, 1203).Select(i => new JobToAdd<SendMessageJob>(
            Message(), new JobOptions { Priority = i % 2 == 0 ? JobPriority.Low : null, Delay = run.Contains(i) ? null : 3_600_000 })).ToList();

        var ids = await client.AddBulkAsync(jobs, Cancellation);

        Assert.Equal(1203, ids.Distinct().Count());
        foreach (var i in run)
        {
            Assert.Equal(JobState.Completed, (await client.WaitForEndAsync(JobQueues.MessageDelivery, ids[i], Cancellation)).State);
        }

        foreach (var i in new[] { 2, 999, 1001, 1201 })
        {
            await Eventually.TrueAsync(async () => await client.FindAsync(JobQueues.MessageDelivery, ids[i], Cancellation) is { State: JobState.Delayed });
        }
    }

    [Fact]
    public async Task What_is_wrong__is_named_before_anything_is_sent()
    {
        var client = Create();
        var wrong = Message() with { Content = string.Empty };

        var one = await Assert.ThrowsAsync<JobsValidationException>(() => client.AddMessageDeliveryJobAsync(wrong, new JobOptions { Attempts = 0 }, "a b", Cancellation));
        var bulk = await Assert.ThrowsAsync<JobsValidationException>(() => client.AddBulkAsync<SendMessageJob>([new(Message()), new(wrong)], Cancellation));
        var large = await Assert.ThrowsAsync<JobsValidationException>(() => client.AddMessageDeliveryJobAsync(
            Message() with { Metadata = new() { ["x"] = JsonSerializer.SerializeToElement(new string('x', 1 << 20)) } }, cancellationToken: Cancellation));

        Assert.Equal(["data.content", "jobId", "options.attempts"], one.Errors.Keys.Order());
        Assert.Equal(["jobs[1].data.content"], bulk.Errors.Keys);
        Assert.Equal(["data"], large.Errors.Keys);
    }

    [Fact]
    public async Task Nobody_there__is_said_as_such()
    {
        var client = Create(options => (options.Gateway, options.Sidecar) = (options.Gateway is null ? null : new Uri("http://127.0.0.1:9"), new Uri("http://127.0.0.1:9")));

        await Assert.ThrowsAsync<JobsUnavailableException>(() => client.AddMessageDeliveryJobAsync(Message(), cancellationToken: Cancellation));
    }

    protected abstract void Configure(JobsClientOptions options);

    private static SendMessageJob Message() =>
        new() { MessageId = Guid.NewGuid(), SenderId = Guid.NewGuid(), RecipientId = Guid.NewGuid(), ConversationId = Guid.NewGuid(), Content = "hello" };

    private IJobsClient Create(Action<JobsClientOptions>? change = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddJobsClient(options =>
        {
            Configure(options);
            change?.Invoke(options);
        });
        return services.BuildServiceProvider().GetRequiredService<IJobsClient>();
    }
}

/// <summary>Straight to the gateway.</summary>
public sealed class GatewayClientTests(LocalFixture local) : JobsClientTests(local), IClassFixture<LocalFixture>
{
    protected override void Configure(JobsClientOptions options) => options.Gateway = Local.GatewayAddress;
}

/// <summary>Through the sidecar, which invokes the gateway.</summary>
public sealed class InvokingClientTests(LocalFixture local) : JobsClientTests(local), IClassFixture<LocalFixture>
{
    protected override void Configure(JobsClientOptions options) => options.Sidecar = Local.SidecarAddress;
}

/// <summary>Through the sidecar, as events.</summary>
public sealed class PublishingClientTests(LocalFixture local) : JobsClientTests(local), IClassFixture<LocalFixture>
{
    protected override void Configure(JobsClientOptions options) => (options.Sidecar, options.PublishEvents) = (Local.SidecarAddress, true);
}

public sealed class JobsClientOptionsTests
{
    [Theory]
    [InlineData("JobsClient:Gateway", "ftp://localhost", "JobsClient:Gateway")]
    [InlineData("JobsClient:GatewayAppId", " ", "JobsClient:GatewayAppId")]
    [InlineData("JobsClient:PublishEvents", "true", "JobsClient:PublishEvents")]
    public void A_wrong_setting__is_named(string name, string value, string expected)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("JobsClient:Gateway", "http://localhost:5080")]).AddInMemoryCollection([new(name, value)]).Build());
        services.AddJobsClient();

        var failure = Assert.Throws<OptionsValidationException>(() => services.BuildServiceProvider().GetRequiredService<IOptions<JobsClientOptions>>().Value);

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }
}
