using Microsoft.AspNetCore.Authorization;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>Whom the queues' API is for, endpoint by endpoint.</summary>
internal static class QueueDoors
{
    // What is removed is gone; everything else can be put right again.
    private static readonly HashSet<string> AdminOnly = ["CleanQueue", "DiscardFailure", "RemoveJob", "RemoveSchedule", "ListAudit", "VerifyAudit", "ErasePerson", "ExportPerson", "ListLegalHolds", "PlaceLegalHold", "LiftLegalHold"];

    // A publisher adds to its queues, and follows what it has added; the endpoints see to it that it is its own.
    private static readonly HashSet<string> Publishing = ["AddJob", "AddJobs", "AddBatchWithUpload", "GetJob", "WatchJob"];

    private static readonly HashSet<string> Counting = ["GetMetrics", "GetQueueMetrics"];

    /// <summary>Says for every endpoint of a group whom it is for: to look takes a viewer, to change an operator, to remove an admin.</summary>
    public static RouteGroupBuilder WithDoors(this RouteGroupBuilder group)
    {
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            var name = endpoint.Metadata.OfType<IEndpointNameMetadata>().LastOrDefault()?.EndpointName ?? string.Empty;
            var isRead = endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods.All(HttpMethods.IsGet) ?? false;
            var role = AdminOnly.Contains(name) ? AccessRoles.Admin : isRead ? AccessRoles.Viewer : AccessRoles.Operator;
            endpoint.Metadata.Add(new Door(DoorKind.Operating, role));
            endpoint.Metadata.Add(new AuthorizeAttribute(role));
            if (Publishing.Contains(name))
            {
                endpoint.Metadata.Add(new PublishersToo());
            }

            if (Counting.Contains(name))
            {
                endpoint.Metadata.Add(new MetricsKeysToo());
            }

            if (name.StartsWith("Watch", StringComparison.Ordinal))
            {
                endpoint.Metadata.Add(new LongLived());
            }
        });
        return group;
    }
}
