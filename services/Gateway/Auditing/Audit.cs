using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Sealing;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;
using WhiteCross.Settings;

namespace WhiteCross.Gateway;

/// <summary>What was done, looked at and refused.</summary>
/// <param name="Entries">The newest first.</param>
internal sealed record AuditList(IReadOnlyList<AuditEntry> Entries);

/// <summary>An answer that says how many it changed.</summary>
internal interface ICounted
{
    /// <summary>How many.</summary>
    long Count { get; }
}

/// <summary>The audit log: every change that succeeded, every look at content, every refusal.</summary>
internal static class Audit
{
    /// <summary>The query parameter that says why something is changed.</summary>
    public const string ReasonParameter = "reason";

    private const int LongestReason = 200;
    private const int LongestAsked = 1_000;

    private static readonly HashSet<string> Adds = ["AddJob", "AddJobs", "AddBatchWithUpload"];

    // Who looks at what people have said, or removes it for good, says why.
    private static readonly HashSet<string> TakesReason = ["RevealJob", "EditJob", "ErasePerson", "ExportPerson"];

    // What they change, or show, lies in another service or leaves this one: first it is on record that it was asked for, then it is done.
    private static readonly HashSet<string> Elsewhere =
        ["PauseBatch", "ResumeBatch", "AddSuppression", "RemoveSuppression", "FindSuppression", "PlaceLegalHold", "LiftLegalHold", "RevealJob", "ExportPerson"];

    private static readonly object AskedKey = new();
    private static readonly object EntryKey = new();

    public static void AddAudit(this IServiceCollection services)
    {
        services.AddSettings<AuditOptions>(AuditOptions.SectionName);
        services.AddJobSealing();
        services.AddSingleton<AuditChain>();
        services.AddSingleton<AuditWriter>();
        services.AddSingleton<IRefusalWitness>(provider => provider.GetRequiredService<AuditWriter>());
        services.AddHostedService(provider => provider.GetRequiredService<AuditWriter>());
        services.AddHostedService<AuditCollector>();
    }

    /// <summary>Why a change is asked for; empty where nobody says.</summary>
    public static string ReasonOf(HttpContext context) => context.Request.Query[ReasonParameter].ToString().Trim();

    /// <summary>Notes what a request asks for, where its parameters do not tell.</summary>
    public static void Asks(HttpContext context, string what) => context.Items[AskedKey] = what.Length > LongestAsked ? what[..LongestAsked] : what;

    /// <summary>The note that puts a request on record with the jobs that it adds; null where there is no need.</summary>
    /// <param name="context">The request.</param>
    /// <param name="jobId">The job, where it is one.</param>
    public static JobNote? NoteOf(HttpContext context, string? jobId = null) => context.Items[EntryKey] is AuditEntry { Id: not null } entry
        ? context.RequestServices.GetRequiredService<IAuditLog>().NoteOf(entry with { Target = entry.Target ?? jobId, Asked = context.Items[AskedKey] as string ?? entry.Asked })
        : null;

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
            var reason = isChange ? ReasonOf(http) : string.Empty;
            if (reason.Length > LongestReason)
            {
                return Problems.Invalid(ReasonParameter, $"must have at most {LongestReason} characters.");
            }

            var action = http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? string.Empty;
            if (TakesReason.Contains(action) && reason.Length == 0)
            {
                return Problems.Invalid(ReasonParameter, action == "ErasePerson" ? "is required: say why the person is erased." : "is required: say why somebody must see it.");
            }

            if (!isChange)
            {
                return await next(context);
            }

            var (entry, log) = (EntryOf(http, action, reason), http.RequestServices.GetRequiredService<IAuditLog>());
            if (Elsewhere.Contains(action))
            {
                return await IntendedAsync(http, log, entry, () => next(context));
            }

            var isAdd = Adds.Contains(action);
            if (!isAdd || http.RequestServices.GetRequiredService<IOptions<AuditOptions>>().Value.Adds)
            {
                http.Items[EntryKey] = entry;
            }

            object? result;
            using (isAdd || entry.Id is null ? null : log.Announce(entry))
            {
                result = await next(context);
            }

            if (result is not IStatusCodeHttpResult { StatusCode: >= 400 })
            {
                await WriteAsync(http, entry, result);
            }

            return result;
        });
        group.MapGet("/audit", async (QueryInput input, IAuditLog audit, CancellationToken cancellationToken) =>
            {
                var limit = input.Number("limit", 100, 1, IAuditLog.MostListed);
                return input.HasErrors ? Problems.Invalid(input.Errors) : TypedResults.Ok(new AuditList(await audit.ListAsync(limit, cancellationToken)));
            })
            .ReadsQuery("limit")
            .Produces<AuditList>()
            .ProducesValidationProblem()
            .WithName("ListAudit")
            .WithSummary("What was done, looked at and refused, newest first")
            .WithDescription("Who, from where, what, when, how many, and why where it was said: every change takes a reason of at most 200 characters as ?reason=.");
        group.MapGet("/audit/verify", async (IAuditLog audit, AuditChain chain, CancellationToken cancellationToken) => TypedResults.Ok(await chain.VerifyAsync(audit, cancellationToken)))
            .WithName("VerifyAudit")
            .WithSummary("Whether the audit log is whole: nothing missing, inserted or changed");
        return group;
    }

    // What is known before the change. What one queue's scripts change goes on record with it.
    private static AuditEntry EntryOf(HttpContext http, string action, string reason)
    {
        var route = http.Request.RouteValues;
        var isAdd = Adds.Contains(action);
        var queue = route["queue"] as string ?? (isAdd ? JobQueues.BatchMessageSending : null);
        var parameters = http.Request.Query.Where(parameter => parameter.Key != ReasonParameter).Select(parameter => $"{parameter.Key}={parameter.Value}");
        return new AuditEntry(
            http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(),
            Caller.NameOf(http),
            action,
            queue,
            route["id"] as string,
            Reason: reason.Length > 0 ? reason : null,
            From: Caller.AddressOf(http),
            Outcome: "done",
            Asked: http.Request.Query.Count > 0 && string.Join('&', parameters) is { Length: > 0 } asked ? asked : null)
        {
            Id = queue is not null && !JobQueues.TryGet(queue, out _) ? null : Guid.CreateVersion7().ToString("N"),
        };
    }

    private static async Task<object?> IntendedAsync(HttpContext http, IAuditLog log, AuditEntry entry, Func<ValueTask<object?>> change)
    {
        try
        {
            await log.IntendAsync(entry with { Outcome = "asked" }, http.RequestAborted);
        }
        catch (JobStoreUnavailableException exception)
        {
            throw new JobStoreUnavailableException(exception.Message, exception) { IsWithoutEffect = true, IsFull = exception.IsFull };
        }

        object? result;
        try
        {
            result = await change();
        }
        catch
        {
            await WriteAsync(http, StoreEffects.IsDone(http) ? entry : entry with { Outcome = "unknown" }, null);
            throw;
        }

        switch (result)
        {
            case IStatusCodeHttpResult { StatusCode: >= 500 }:
                await WriteAsync(http, entry with { Outcome = "unknown" }, result);
                break;
            case IStatusCodeHttpResult { StatusCode: >= 400 }:
                await log.ForgetAsync(entry);
                break;
            default:
                await WriteAsync(http, entry, result);
                break;
        }

        return result;
    }

    private static async Task WriteAsync(HttpContext http, AuditEntry entry, object? result)
    {
        var writer = http.RequestServices.GetRequiredService<AuditWriter>();
        var value = (result as IValueHttpResult)?.Value;
        entry = entry with
        {
            Target = http.Request.RouteValues["id"] as string ?? (value as AcceptedJob)?.JobId,
            Count = (value as ICounted)?.Count ?? (value as BulkAnswer)?.Accepted.Count,
            Asked = http.Items[AskedKey] as string ?? entry.Asked,
        };
        if (!Adds.Contains(entry.Action))
        {
            if (entry.Outcome == "done")
            {
                StoreEffects.Done(http);
            }

            await writer.WriteAsync(entry);
        }
        else if (http.RequestServices.GetRequiredService<IOptions<AuditOptions>>().Value.Adds)
        {
            writer.WriteSoon(entry);
        }
    }
}
