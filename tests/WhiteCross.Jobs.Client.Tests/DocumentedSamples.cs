using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Jobs.Client.Tests;

/// <summary>The samples of docs/dotnet-client.md, which are compiled here; that they are the page's is tested.</summary>
public sealed class DocumentedSamples
{
    [Fact]
    public void The_pages_samples_are_those_that_are_compiled_here()
    {
        var page = File.ReadAllText(Path.Combine(BuiltProjects.Repository, "docs", "dotnet-client.md"));
        var source = Plain(File.ReadAllText(Path.Combine(BuiltProjects.Repository, "tests", "WhiteCross.Jobs.Client.Tests", "DocumentedSamples.cs")));
        var samples = page.Split("```csharp\n")[1..].Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]).ToList();

        Assert.Equal(6, samples.Count);
        Assert.All(samples, sample => Assert.Contains(Plain(sample), source, StringComparison.Ordinal));
    }

    private static string Plain(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    internal static void Register(WebApplicationBuilder builder)
    {
        builder.Services.AddJobsClient(options =>
        {
            options.Gateway = new Uri("https://queues.example.org");
            options.ApiKey = builder.Configuration["QueuesKey"];
        });
    }

    internal static async Task FollowAsync(
        IJobsClient jobs, ILogger logger, Guid messageId, Guid senderId, Guid recipientId, Guid conversationId, CancellationToken cancellationToken)
    {
        var added = await jobs.AddMessageDeliveryJobAsync(
            new SendMessageJob
            {
                MessageId = messageId,
                SenderId = senderId,
                RecipientId = recipientId,
                ConversationId = conversationId,
                Content = "Your results are in; please call the practice.",
            },
            new JobOptions { Priority = JobPriority.High, Delay = 60_000 },
            jobId: $"results-{messageId}",
            cancellationToken: cancellationToken);
        var record = await jobs.WaitForEndAsync(added.Queue, added.JobId, cancellationToken);
        if (record.State == JobState.Failed)
        {
            logger.LogWarning("Job {JobId} failed after {Attempts} attempts ({Code})", record.JobId, record.AttemptsMade, record.Error?.Code);
        }
    }

    internal static async Task<IReadOnlyList<string>> AddManyAsync(IJobsClient jobs, IEnumerable<SendMessageJob> messages, CancellationToken cancellationToken)
    {
        var ids = await jobs.AddBulkAsync(
            messages.Select(message => new JobToAdd<SendMessageJob>(message, JobId: $"send-{message.MessageId}")), cancellationToken);
        return ids;
    }

    internal static async Task<IResult> AddAsync(IJobsClient jobs, SendMessageJob message, string jobId, CancellationToken cancellationToken)
    {
        try
        {
            await jobs.AddMessageDeliveryJobAsync(message, jobId: jobId, cancellationToken: cancellationToken);
        }
        catch (JobsValidationException exception)
        {
            // Nothing was sent: what is wrong, by field. No other attempt will do.
            return Results.ValidationProblem(exception.Errors.ToDictionary());
        }
        catch (JobsUnavailableException exception) when (exception.IsOutcomeUnknown)
        {
            // It may be there or not: the same call with the same id settles it, now or later.
            return Results.Problem($"Try again with {exception.JobId}.", statusCode: 503);
        }

        return Results.Accepted();
    }

    internal static async Task<long> OperateAsync(IQueuesClient queues, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var metrics = await queues.GetMetricsAsync(JobQueues.MessageNotification, cancellationToken);
        if (metrics.FailureRate > 0.5)
        {
            await queues.PauseAsync(metrics.Name, cancellationToken);
        }

        var away = await queues.ListJobsAsync(metrics.Name, new JobFilter { State = JobState.Failed, From = since }, cancellationToken)
            .Where(job => job.Error?.Code == JobErrorCodes.Timeout)
            .Select(job => job.JobId)
            .ToListAsync(cancellationToken);
        var retried = await queues.RetryFailedAsync(metrics.Name, away, cancellationToken);
        return retried;
    }
}
