using k8s.Models;
using WhiteCross.Deploy.Tests.Yaml;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Deploy.Tests.Cluster;

/// <summary>Each Deployment has one that scales it, and the queues' look at the streams and groups that Dapr uses.</summary>
internal static class ScalingChecks
{
    /// <summary>Rare work of a service that nobody calls: nobody waits for a pod that is not needed.</summary>
    private static readonly string[] ToZero = [JobQueues.MessageCleanup];

    public static IEnumerable<string> Check(Overlay overlay)
    {
        var objects = overlay.Custom("ScaledObject").ToList();
        var scaled = objects.Select(scaler => scaler.Required("spec").Required("scaleTargetRef").Required("name").Text!)
            .Concat(overlay.All<V2HorizontalPodAutoscaler>().Select(scaler => scaler.Spec.ScaleTargetRef.Name)).ToList();
        foreach (var deployment in overlay.Deployments.Where(deployment => scaled.Count(name => name == deployment.Name()) != 1))
        {
            yield return $"{deployment.Name()}: it must be scaled by exactly one object.";
        }

        foreach (var name in scaled.Except(overlay.Deployments.Select(deployment => deployment.Name())))
        {
            yield return $"There is no Deployment {name} to scale.";
        }

        foreach (var deployment in overlay.Deployments.Where(deployment => deployment.Spec.Replicas is not null))
        {
            yield return $"{deployment.Name()}: it is scaled; replicas would set it back whenever it is applied.";
        }

        foreach (var problem in objects.SelectMany(scaler => CheckScaler(scaler, overlay)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> CheckScaler(Node scaler, Overlay overlay)
    {
        var queue = scaler.Required("spec").Required("scaleTargetRef").Required("name").Text!;
        var least = int.Parse(scaler.Required("spec")["minReplicaCount"]?.Text ?? "0", null);
        if (ToZero.Contains(queue) != (least == 0))
        {
            yield return $"ScaledObject {queue}: its least replicas are {least}.";
        }

        var triggers = scaler.Required("spec").Required("triggers").Items.ToList();
        var streams = triggers.Where(trigger => trigger["type"]?.Text == "redis-streams").ToList();
        var named = streams.Select(trigger => trigger.Required("metadata")["stream"]?.Text).Order(StringComparer.Ordinal);
        if (!named.SequenceEqual(JobLanes.All.Select(lane => lane.TopicOf(queue)).Order(StringComparer.Ordinal)))
        {
            yield return $"ScaledObject {queue}: it must look at the queue's topics in all lanes, not at {string.Join(", ", named)}.";
        }

        var authentications = overlay.Custom("TriggerAuthentication").Select(authentication => authentication.Name).ToList();
        foreach (var trigger in streams)
        {
            var metadata = trigger.Required("metadata");
            (string Field, string? Value)[] wanted =
            [
                ("consumerGroup", queue), ("databaseIndex", overlay.Settings["REDIS_QUEUE_DB"]), ("enableTLS", overlay.Settings["REDIS_TLS"]), ("activationLagCount", "0"),
            ];
            foreach (var (field, value) in wanted.Where(field => metadata[field.Field]?.Text != field.Value))
            {
                yield return $"{metadata.At}: ScaledObject {queue}: {field} must be {value}.";
            }

        }

        foreach (var trigger in triggers.Where(trigger => !authentications.Contains(trigger["authenticationRef"]?["name"]?.Text ?? string.Empty)))
        {
            yield return $"{trigger.At}: ScaledObject {queue}: there is no TriggerAuthentication {trigger["authenticationRef"]?["name"]?.Text}.";
        }

        if (least == 0)
        {
            var asked = triggers.Where(trigger => trigger["type"]?.Text == "metrics-api"
                    && (trigger.Required("metadata")["authMode"]?.Text, trigger.Required("metadata")["method"]?.Text, trigger.Required("metadata")["keyParamName"]?.Text) == ("apiKey", "header", "X-Api-Key")
                    && trigger.Required("metadata")["url"]?.Text == $"http://{Apps.Gateway}.{overlay.Namespace}.svc.cluster.local/queue/{queue}/metrics")
                .Select(trigger => trigger.Required("metadata")["valueLocation"]?.Text);
            foreach (var missing in new[] { "waiting", "active" }.Except(asked))
            {
                yield return $"ScaledObject {queue}: scaled to zero, it must ask the gateway for the queue's {missing} jobs.";
            }
        }
    }
}
