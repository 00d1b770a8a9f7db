using System.Net;
using Dapr.Client;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Dapr;

namespace WhiteCross.Gateway;

/// <summary>Another service's internal endpoints, by Dapr's service invocation.</summary>
internal abstract class InvokedService(DaprClient dapr, string appId) : IDisposable
{
    // Nothing waits for a sidecar without a deadline.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly HttpClient _service = dapr.CreateInvokableHttpClient(appId);

    /// <summary>Asks the service, and passes its answer on.</summary>
    public async Task<InvokedAnswer> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Deadline);
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
            await request.Content.LoadIntoBufferAsync(limit.Token);
        }

        try
        {
            using var answer = await _service.SendAsync(request, limit.Token).AsAnsweredAsync();

            // What the service says of a request is for whoever made it; what a sidecar says is not.
            var isAnswered = answer.IsSuccessStatusCode || answer.Content.Headers.ContentType?.MediaType == "application/problem+json";
            return isAnswered ? new InvokedAnswer(answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(limit.Token)) : InvokedAnswer.Away;
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return InvokedAnswer.Away;
        }
    }

    public void Dispose() => _service.Dispose();
}

/// <summary>The notification service.</summary>
internal sealed class NotificationServiceClient(DaprClient dapr) : InvokedService(dapr, JobQueues.MessageNotification);

/// <summary>The service that has messages, conversations and attachments.</summary>
internal sealed class DeliveryServiceClient(DaprClient dapr) : InvokedService(dapr, JobQueues.MessageDelivery);

/// <summary>What a service answered.</summary>
/// <param name="Status">Its status; 503 where it did not answer.</param>
/// <param name="Body">Its body, as JSON.</param>
internal sealed record InvokedAnswer(HttpStatusCode Status, byte[] Body)
{
    public static readonly InvokedAnswer Away = new(HttpStatusCode.ServiceUnavailable, []);
}
