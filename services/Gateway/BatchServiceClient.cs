using System.Globalization;
using System.Net;
using System.Text.Json;
using Dapr.Client;
using Microsoft.AspNetCore.Mvc;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;

namespace WhiteCross.Gateway;

/// <summary>The batch service, by Dapr's service invocation.</summary>
internal sealed class BatchServiceClient(DaprClient dapr) : IDisposable
{
    private readonly HttpClient _service = dapr.CreateInvokableHttpClient(JobQueues.BatchMessageSending);

    /// <summary>Keeps a block of an upload's recipients.</summary>
    /// <exception cref="BatchServiceAwayException">The service did not take it.</exception>
    public Task SaveBlockAsync(Guid uploadId, int block, IReadOnlyList<BatchRecipient> recipients, CancellationToken cancellationToken) =>
        ChangeAsync(
            HttpMethod.Put,
            string.Create(CultureInfo.InvariantCulture, $"/internal/uploads/{uploadId}/{block}"),
            JsonSerializer.SerializeToUtf8Bytes(recipients, JobsJsonContext.Default.IReadOnlyListBatchRecipient),
            cancellationToken);

    /// <summary>Ends an upload.</summary>
    /// <exception cref="BatchServiceAwayException">The service did not take it.</exception>
    public Task EndUploadAsync(Guid uploadId, IReadOnlyList<int> blocks, CancellationToken cancellationToken) => ChangeAsync(
        HttpMethod.Put, $"/internal/uploads/{uploadId}", JsonSerializer.SerializeToUtf8Bytes(new BatchUpload(blocks), JobsJsonContext.Default.BatchUpload), cancellationToken);

    /// <summary>Asks what is wrong with the messages of an upload that has ended.</summary>
    /// <param name="uploadId">The upload.</param>
    /// <param name="data">The batch's data.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What is wrong; null when the service is of a version that finds out only when the batch runs.</returns>
    /// <exception cref="BatchServiceAwayException">The service did not answer.</exception>
    public Task<BatchUploadProblems?> CheckUploadAsync(Guid uploadId, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        CheckAsync($"/internal/uploads/{uploadId}/check", data, cancellationToken);

    /// <summary>Asks what is wrong with the messages of a batch that has its recipients with it.</summary>
    /// <param name="data">The batch's data.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What is wrong; null when the service is of a version that finds out only when the batch runs.</returns>
    /// <exception cref="BatchServiceAwayException">The service did not answer.</exception>
    public Task<BatchUploadProblems?> CheckAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => CheckAsync("/internal/batches/check", data, cancellationToken);

    /// <summary>Removes an upload. What cannot be removed goes by itself when its time is over.</summary>
    /// <exception cref="BatchServiceAwayException">The service did not do it.</exception>
    public Task RemoveUploadAsync(Guid uploadId, int blocks, CancellationToken cancellationToken) => ChangeAsync(
        HttpMethod.Delete, string.Create(CultureInfo.InvariantCulture, $"/internal/uploads/{uploadId}?blocks={blocks}"), null, cancellationToken);

    /// <summary>Pauses or resumes a batch.</summary>
    /// <param name="action">pause or resume.</param>
    /// <param name="jobId">The batch's job.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Null when it was done; else why not.</returns>
    /// <exception cref="BatchServiceAwayException">The service did not answer.</exception>
    public async Task<ProblemDetails?> ControlAsync(string action, string jobId, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Post, $"/internal/batches/{action}?jobId={Uri.EscapeDataString(jobId)}", null, cancellationToken);
        return answer.StatusCode switch
        {
            HttpStatusCode.NoContent => null,
            HttpStatusCode.NotFound or HttpStatusCode.Conflict => await answer.Content.ReadFromJsonAsync<ProblemDetails>(cancellationToken),

            // What the service says of the workflow engine behind it. An earlier version says so with 503, which sidecars repeat and then may say themselves.
            HttpStatusCode.FailedDependency or HttpStatusCode.ServiceUnavailable when answer.Content.Headers.ContentType?.MediaType == "application/problem+json" =>
                await AwayAsync(answer, cancellationToken),
            _ => throw new BatchServiceAwayException(answer.StatusCode),
        };
    }

    public void Dispose() => _service.Dispose();

    private async Task<BatchUploadProblems?> CheckAsync(string path, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Post, path, data.ToArray(), cancellationToken);
        return answer.StatusCode switch
        {
            HttpStatusCode.OK => await answer.Content.ReadFromJsonAsync(JobsJsonContext.Reading.BatchUploadProblems, cancellationToken),
            HttpStatusCode.NotFound => null,
            _ => throw new BatchServiceAwayException(answer.StatusCode),
        };
    }

    private static async Task<ProblemDetails?> AwayAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var problem = await answer.Content.ReadFromJsonAsync<ProblemDetails>(cancellationToken);
        problem?.Status = (int)HttpStatusCode.ServiceUnavailable;
        return problem;
    }

    private async Task ChangeAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, path, body, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new BatchServiceAwayException(answer.StatusCode);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        }

        try
        {
            return await _service.SendAsync(request, cancellationToken).AsAnsweredAsync();
        }
        catch (HttpRequestException exception)
        {
            throw new BatchServiceAwayException(exception.StatusCode, exception);
        }
    }
}

/// <summary>The batch service, or the sidecar in front of it, does not answer.</summary>
internal sealed class BatchServiceAwayException(HttpStatusCode? status, Exception? innerException = null)
    : Exception(status is { } code ? $"The batch service could not be reached or did not take the call: status {(int)code}." : "The sidecar does not answer.", innerException);
