using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>What operators did.</summary>
/// <param name="Entries">The newest first.</param>
public sealed record AuditList(IReadOnlyList<AuditEntry> Entries);

/// <summary>An answer that says how many it changed.</summary>
internal interface ICounted
{
    /// <summary>How many.</summary>
    long Count { get; }
}

/// <summary>The audit log: written after every change that succeeded, but for jobs that are added, which are their own record.</summary>
internal static class Audit
{
    /// <summary>The query parameter that says why something is changed.</summary>
    public const string ReasonParameter = "reason";

    private const int LongestReason = 200;

    private static readonly HashSet<string> Unwritten = ["AddJob", "AddJobs", "AddBatchWithUpload"];

    /// <summary>Has what endpoints of a group change written down, with the reason that is given.</summary>
    public static RouteGroupBuilder WithAudit(this RouteGroupBuilder group)
    {
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            if (!(endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods.All(HttpMethods.IsGet) ?? false))
            {
                endpoint.Metadata.Add(new ReadQueryParameter(ReasonParameter));
            }
        });
        group.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            var isChange = !HttpMethods.IsGet(http.Request.Method);
            var reason = isChange ? http.Request.Query[ReasonParameter].ToString().Trim() : string.Empty;
            if (reason.Length > LongestReason)
            {
                return Problems.Invalid(ReasonParameter, $"must have at most {LongestReason} characters.");
            }

            var result = await next(context);
            var action = http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? string.Empty;
            var hasSucceeded = result is not IStatusCodeHttpResult { StatusCode: >= 400 };
            if (isChange && hasSucceeded && !Unwritten.Contains(action))
            {
                StoreEffects.Done(http);
                await WriteAsync(http, action, result, reason);
            }

            return result;
        });
        group.MapGet("/audit", async (string? limit, IAuditLog audit, CancellationToken cancellationToken) =>
                QueryNumbers.TryRead(limit, 100, 1, IAuditLog.Capacity, out var count)
                    ? TypedResults.Ok(new AuditList(await audit.ListAsync((int)count, cancellationToken)))
                    : Problems.Invalid("limit", QueryNumbers.Rule(1, IAuditLog.Capacity)))
            .Produces<AuditList>()
            .ProducesValidationProblem()
            .WithName("ListAudit")
            .WithSummary("What operators did, newest first")
            .WithDescription("Who, what, when, how many, and why where it was said: every change takes a reason of at most 200 characters as ?reason=. Adding jobs is not in it: they are their own record.");
        return group;
    }

    private static Task WriteAsync(HttpContext http, string action, object? result, string reason)
    {
        var counted = (result as IValueHttpResult)?.Value as ICounted;
        var route = http.Request.RouteValues;
        return http.RequestServices.GetRequiredService<IAuditLog>().AddAsync(
            new AuditEntry(
                http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(),
                AccessSetup.WhoIs(http),
                action,
                route["queue"] as string,
                route["id"] as string,
                counted?.Count,
                reason.Length > 0 ? reason : null),
            CancellationToken.None); // It has happened: the caller's going away changes nothing.
    }
}
