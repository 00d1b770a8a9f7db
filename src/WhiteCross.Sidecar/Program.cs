namespace WhiteCross.Sidecar;

internal static class Program
{
    private static void Main()
    {
    }
}
