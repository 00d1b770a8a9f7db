using System.Net;
using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>
/// What operators see and change of notifications: how providers are, and the addresses that nothing is sent to. They are the notification service's; who may
/// is the gateway's to say, which also keeps who did.
/// </summary>
internal static class NotificationEndpoints
{
    private const string Root = $"/{JobQueues.MessageNotification}";

    public static void MapNotificationOperations(this IEndpointRouteBuilder queues)
    {
        queues.MapGet($"{Root}/providers", async (NotificationServiceClient service, CancellationToken cancellationToken) =>
                await service.SendAsync(HttpMethod.Get, "/internal/providers", null, cancellationToken) is { Status: HttpStatusCode.OK } answer
                    ? (IResult)new PassedOn(StatusCodes.Status200OK, answer.Body)

                    // The overview asks for it whenever it is looked at, and shows itself that nobody works on the queue.
                    : TypedResults.Ok(new ProviderOverview([], [])))
            .WithName("ListProviders")
            .WithSummary("How the providers of notifications are")
            .WithDescription("Since when a provider's circuit is open, when it is tried next, and how many notifications wait for it, as the instance that answers sees it; and settings that were forgotten. Empty while the service does not answer.")
            .Produces<ProviderOverview>();
        queues.MapGet($"{Root}/suppressions", (string? channel, string? cursor, string? limit, NotificationServiceClient service, CancellationToken cancellationToken) =>
                PassAsync(service, HttpMethod.Get, $"/internal/suppressions{Query(("channel", channel), ("cursor", cursor), ("limit", limit))}", null, cancellationToken))
            .WithName("ListSuppressions")
            .WithSummary("The addresses that nothing is sent to, newest first")
            .WithDescription("Since they bounced, their owners complained or answered STOP, or an operator has put them there. Addresses are shown in part.")
            .Produces<SuppressionList>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        queues.MapPost($"{Root}/suppressions/find", (SuppressedAddress body, NotificationServiceClient service, CancellationToken cancellationToken) =>
                PassAsync(service, HttpMethod.Post, "/internal/suppressions/find", body, cancellationToken))
            .WithName("FindSuppression")
            .WithSummary("Whether an address is on the list")
            .WithDescription("A POST, so that the address is in no log of addresses.")
            .Produces<SuppressionEntry>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        queues.MapPost($"{Root}/suppressions", (SuppressedAddress body, NotificationServiceClient service, CancellationToken cancellationToken) =>
                PassAsync(service, HttpMethod.Post, "/internal/suppressions", body, cancellationToken))
            .WithName("AddSuppression")
            .WithSummary("Puts an address on the list")
            .Produces<SuppressionEntry>().Produces<SuppressionEntry>(StatusCodes.Status201Created)
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        queues.MapDelete($"{Root}/suppressions/{{id:guid}}", (Guid id, NotificationServiceClient service, CancellationToken cancellationToken) =>
                PassAsync(service, HttpMethod.Delete, $"/internal/suppressions/{id:D}", null, cancellationToken))
            .WithName("RemoveSuppression")
            .WithSummary("Takes an address off the list")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> PassAsync(NotificationServiceClient service, HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        var answer = await service.SendAsync(method, path, body, cancellationToken);
        return answer == InvokedAnswer.Away ? Away(method)
            : answer.Body.Length == 0 ? TypedResults.StatusCode((int)answer.Status)
            : new PassedOn((int)answer.Status, answer.Body);
    }

    private static ProblemHttpResult Away(HttpMethod method) => TypedResults.Problem(
        method == HttpMethod.Get ? "The notification service does not answer." : "The notification service does not answer; whether anything has changed is not known. Asking again does no harm.",
        statusCode: StatusCodes.Status503ServiceUnavailable,
        title: "Service unavailable");

    private static string Query(params (string Name, string? Value)[] parameters) =>
        QueryString.Create(parameters.Where(one => one.Value is not null).Select(one => KeyValuePair.Create(one.Name, one.Value))).ToUriComponent();
}

/// <summary>How the providers of notifications are.</summary>
/// <param name="Providers">The providers.</param>
/// <param name="Warnings">Settings that were forgotten, and what follows from that.</param>
internal sealed record ProviderOverview(IReadOnlyList<ProviderOverviewEntry> Providers, IReadOnlyList<string> Warnings);

/// <summary>How a provider is.</summary>
/// <param name="Provider">Which one: email, sms or push; email-2 and so on for those that take its place.</param>
/// <param name="IsAway">Whether nothing but single tries goes to it.</param>
/// <param name="OpenSince">Since when its circuit is open; null when it is not.</param>
/// <param name="NextTry">When it is tried next; null when nothing holds it back.</param>
/// <param name="Waiting">How many notifications wait for it.</param>
internal sealed record ProviderOverviewEntry(string Provider, bool IsAway, DateTimeOffset? OpenSince, DateTimeOffset? NextTry, int Waiting);

/// <summary>An address.</summary>
/// <param name="Channel">email or sms.</param>
/// <param name="Address">The e-mail address, or the phone number in E.164.</param>
internal sealed record SuppressedAddress(string? Channel, string? Address);

/// <summary>A page of the suppression list.</summary>
/// <param name="Suppressions">The entries, newest first.</param>
/// <param name="NextCursor">What to ask the next page with; null on the last one.</param>
internal sealed record SuppressionList(IReadOnlyList<SuppressionEntry> Suppressions, string? NextCursor);

/// <summary>An entry of the suppression list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Channel">email or sms.</param>
/// <param name="Address">The address, in part.</param>
/// <param name="Reason">bounced, complained, stop or manual.</param>
/// <param name="Detail">What the provider said, as a code.</param>
/// <param name="NotificationId">The notification whose receipt it was.</param>
/// <param name="CreatedAt">Since when.</param>
internal sealed record SuppressionEntry(Guid Id, string Channel, string Address, string Reason, string? Detail, Guid? NotificationId, DateTimeOffset CreatedAt);
