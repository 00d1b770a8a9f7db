using System.Net;
using System.Runtime.CompilerServices;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Client.Transport;

/// <summary>Adding jobs that have ids: asked for again with the same ids while nobody knows whether they were added, which adds none of them twice.</summary>
internal static class JobAdds
{
    // With the pauses between them, and the gateway's own patience, some half a minute.
    private const int MostAdds = 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Adds what a body says.</summary>
    /// <param name="transport">The way.</param>
    /// <param name="path">Where.</param>
    /// <param name="open">Makes the body, for each try anew.</param>
    /// <param name="jobId">The job's id, for the exception; null for many.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The answer, and whether it was asked for more than once.</returns>
    public static async Task<(GatewayAnswer Answer, bool IsRepeated)> AddAsync(
        this GatewayTransport transport, string path, Func<HttpContent> open, string? jobId, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await transport.ExchangeAsync(HttpMethod.Post, path, open(), cancellationToken);
                return (answer.EnsureAdded().EnsureDocument(), attempt > 1);
            }
            catch (JobsUnavailableException exception) when (exception.IsOutcomeUnknown)
            {
                // Who has been silent for as long as anybody waits is not asked again.
                if (attempt == MostAdds || exception.Kind == UnavailableKind.Silent)
                {
                    throw exception.Unknown($"{exception.Message} Adding the same with the same id again is safe.", jobId);
                }
            }
            catch (JobsUnavailableException exception) when (attempt > 1)
            {
                // The last try surely did nothing; an earlier one may have.
                throw exception.Unknown(exception.Message, jobId);
            }

            await Task.Delay(pause, transport.Time, cancellationToken);
            pause *= 4;
        }
    }

    /// <summary>Adds jobs of a queue in requests of as many as the gateway takes at once.</summary>
    /// <param name="transport">The way.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="envelopes">The jobs' envelopes, each as JSON.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Each request's answer, and how many jobs went before it: the gateway counts from the start of a request.</returns>
    public static async IAsyncEnumerable<(GatewayAnswer Answer, int Before)> AddBulkAsync(
        this GatewayTransport transport, string queue, IEnumerable<byte[]> envelopes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sent = 0;
        foreach (var chunk in envelopes.Chunk(JobLimits.BulkJobs))
        {
            var body = JsonBody.OfJobs(chunk);
            var (answer, _) = await transport.AddAsync(GatewayTransport.PathOf("queue", queue, "jobs", "bulk"), () => JsonBody.Of(body), null, cancellationToken);
            yield return (answer, sent);
            sent += chunk.Length;
        }
    }

    /// <summary>Makes sure that a job was taken.</summary>
    /// <exception cref="JobsValidationException">It is not valid, or its id is that of one that was removed before its end.</exception>
    /// <exception cref="JobsUnavailableException">Jobs cannot be taken now, also because nothing is there yet that takes them.</exception>
    public static GatewayAnswer EnsureAdded(this GatewayAnswer answer)
    {
        if (answer.Status is not (HttpStatusCode.Gone or HttpStatusCode.NotFound))
        {
            return answer.Ensure();
        }

        var problem = new GatewayProblem(answer);
        throw answer.IsNotFound ? new JobsUnavailableException("The queues answered 404.") { Problem = problem }
            : problem.Detail is { } gone ? new JobsValidationException(new Dictionary<string, string[]> { ["jobId"] = [gone] }, problem)
            : problem.ToException();
    }

    private static JobsUnavailableException Unknown(this JobsUnavailableException exception, string message, string? jobId) =>
        new(message, exception) { IsOutcomeUnknown = true, JobId = jobId, Kind = exception.Kind, Problem = exception.Problem };
}
