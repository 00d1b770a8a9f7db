namespace WhiteCross.Jobs.Contracts;

/// <summary>Field paths as JSON spells them.</summary>
internal static class FieldNames
{
    /// <summary><c>EmailPayload.Subject</c> as <c>emailPayload.subject</c>.</summary>
    public static string CamelCase(string path)
    {
        var characters = path.ToCharArray();
        var isStart = true;
        for (var i = 0; i < characters.Length; i++)
        {
            if (isStart)
            {
                characters[i] = char.ToLowerInvariant(characters[i]);
            }

            isStart = characters[i] == '.';
        }

        return new string(characters);
    }

    public static string Join(string parent, string name) => parent.Length == 0 ? name : name.Length == 0 ? parent : $"{parent}.{name}";

    /// <summary>The path, or <c>$</c> for the whole.</summary>
    public static string OrWhole(string path) => path.Length == 0 ? "$" : path;
}
